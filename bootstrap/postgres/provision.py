"""The SQL that makes the roles and the application's database; each script may run twice."""

PROVISION = r"""
SELECT format('CREATE ROLE %I', named) FROM unnest(ARRAY['app_owner', 'app']) AS named
    WHERE named NOT IN (SELECT rolname FROM pg_roles) \gexec
ALTER ROLE app_owner LOGIN CREATEROLE NOCREATEDB NOSUPERUSER PASSWORD '{owner}';
ALTER ROLE app LOGIN NOCREATEROLE NOCREATEDB NOSUPERUSER PASSWORD '{app}';
SELECT 'CREATE DATABASE app OWNER app_owner'
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'app') \gexec
ALTER DATABASE app OWNER TO app_owner;
ALTER DATABASE app ALLOW_CONNECTIONS true;
REVOKE ALL ON DATABASE app FROM PUBLIC;
GRANT CONNECT ON DATABASE app TO app;
\connect app
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
"""

DROP = "DROP DATABASE IF EXISTS app WITH (FORCE);\n"

# Loaded beside the old database, which keeps serving until the swap.
CREATE_RESTORED = "CREATE DATABASE app_restored OWNER app_owner TEMPLATE template0;\n"
DROP_RESTORED = "DROP DATABASE IF EXISTS app_restored WITH (FORCE);\n"

# Without ALLOW_CONNECTIONS false a connection pool would be back between the second line and the
# third, and a database in use cannot be renamed. PROVISION opens it again.
SWAP = """
DROP DATABASE IF EXISTS app_replaced WITH (FORCE);
ALTER DATABASE app ALLOW_CONNECTIONS false;
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'app';
BEGIN;
ALTER DATABASE app RENAME TO app_replaced;
ALTER DATABASE app_restored RENAME TO app;
COMMIT;
DROP DATABASE app_replaced WITH (FORCE);
"""
