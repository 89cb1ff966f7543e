#!/bin/sh
# Makes the secrets of compose.production.yaml in ./secrets, random ones; never replaces any. That
# of the mail server is taken from SMTP_PASSWORD.
# The files are readable, because containers run as other users; the directory is not.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
cd secrets

make() { # name, text
    if [ -e "$1" ]; then
        echo "kept    secrets/$1"
    else
        printf '%s' "$2" >"$1.new"
        chmod 444 "$1.new"
        mv "$1.new" "$1"
        echo "made    secrets/$1"
    fi
}
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
url() { echo "postgresql://$1:$(cat "$2")@/ashlar?host=/var/run/postgresql"; }

make postgres_password "$(random)"
make owner_password "$(random)"
make app_password "$(random)"
make migration_database_url "$(url ashlar_owner owner_password)"
make database_url "$(url ashlar_app app_password)"
make secret_keys "$(random)"
make smtp_password "${SMTP_PASSWORD:-}"  # the mail server's; nobody can draw it
