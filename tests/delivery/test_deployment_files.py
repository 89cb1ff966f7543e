"""What the Dockerfile and the compose files promise, read from the files themselves."""

import json
import os
import re
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml
from pydantic_settings import BaseSettings

from bootstrap.modules import discover
from bootstrap.settings import PlatformSettings
from modules.identity.adapters.settings import IdentitySettings
from shared_kernel.adapters.settings import read_settings, variable_of
from tests.delivery.checkout import ROOT
from tests.delivery.dockerfile import parse

Service: TypeAlias = dict[str, Any]  # YAML has no types of its own

DEVELOPMENT, PRODUCTION = "compose.yaml", "deploy/compose.production.yaml"
DOCKERFILE = parse((ROOT / "Dockerfile").read_text())
# PostgreSQL's versions have two parts.
EXACT = re.compile(r"^(postgres:\d+\.\d+|[\w./-]+:\d+\.\d+\.\d+)[\w.-]*(@sha256:[0-9a-f]{64})?$")
LITERAL_SECRET = re.compile(
    r"(password|secret|key|token)\w*\s*[:=]\s*['\"]?[a-z0-9+/]{12,}['\"]?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
ONE_OFF = {"migrate"}


def compose(name: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return parsed


def services(name: str) -> dict[str, Service]:
    found: dict[str, Service] = compose(name)["services"]
    return found


def production(*, but: frozenset[str] | set[str] = frozenset()) -> list[Any]:
    found = services(PRODUCTION).items()
    return [pytest.param(service, id=name) for name, service in found if name not in but]


def instruction(name: str) -> str:
    """The text of the last stage's instruction."""
    return next(step.text for step in reversed(DOCKERFILE) if step.name == name)


def test_every_image_has_an_exact_version() -> None:
    base = next(step.text for step in DOCKERFILE if step.name == "ARG").removeprefix(
        "PYTHON_IMAGE="
    )
    found = [one["image"] for name in (DEVELOPMENT, PRODUCTION) for one in services(name).values()]
    named = [image for image in found if not image.startswith("${IMAGE:?")]

    assert [image for image in [base, *named] if not EXACT.match(image)] == []
    assert base in named, "development runs on the Python of the image"


def test_both_stages_stand_on_the_same_image() -> None:
    assert {step.text.split()[0] for step in DOCKERFILE if step.name == "FROM"} == {
        "${PYTHON_IMAGE}"
    }


def test_the_image_runs_as_a_numbered_user_and_takes_signals_itself() -> None:
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", instruction("USER"))
    assert instruction("STOPSIGNAL") == "SIGTERM"
    assert instruction("ENTRYPOINT").startswith("[")
    assert instruction("CMD").startswith("[")


def test_the_image_asks_itself_whether_it_lives() -> None:
    """Not whether it is ready: restarting does not bring a database back."""
    assert "/health/live" in instruction("HEALTHCHECK")


@pytest.mark.parametrize("service", production())
def test_no_container_can_write_to_its_image_or_gain_rights(service: Service) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service.get("cap_add", [])) <= {"NET_BIND_SERVICE"}
    assert "privileged" not in service


@pytest.mark.parametrize("service", production(but={"proxy"}))
def test_no_container_runs_as_root_but_the_one_that_binds_low_ports(service: Service) -> None:
    assert service["user"].split(":")[0] not in {"", "0", "root"}


@pytest.mark.parametrize("service", production())
def test_every_container_has_limits(service: Service) -> None:
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}


@pytest.mark.parametrize("service", production(but=ONE_OFF))
def test_every_lasting_container_is_watched_and_restarted(service: Service) -> None:
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"


def test_the_application_waits_for_the_migrations_and_the_proxy_for_the_application() -> None:
    found = services(PRODUCTION)

    assert found["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert found["migrate"]["restart"] == "no"
    conditions = found["app"]["depends_on"]
    assert conditions["migrate"]["condition"] == "service_completed_successfully"
    assert found["proxy"]["depends_on"]["app"]["condition"] == "service_healthy"
    assert "/health/ready" in found["app"]["healthcheck"]["test"][-1]


def test_only_the_proxy_can_be_reached() -> None:
    found = services(PRODUCTION)

    assert [name for name, service in found.items() if "ports" in service] == ["proxy"]
    assert compose(PRODUCTION)["networks"]["inside"]["internal"] is True
    assert found["postgres"]["network_mode"] == "none"
    address = found["proxy"]["networks"]["inside"]["ipv4_address"]
    assert found["app"]["environment"]["TRUSTED_PROXIES"] == f"{address}/32"


def test_only_the_migrations_hold_the_owners_password() -> None:
    holders = {
        name
        for name, service in services(PRODUCTION).items()
        if "migration_database_url" in service.get("secrets", [])
    }
    assert holders == {"migrate"}


def test_the_application_is_given_the_time_it_takes_to_stop() -> None:
    app = services(PRODUCTION)["app"]
    takes = sum(float(app["environment"][name]) for name in ("DRAIN_SECONDS", "STOP_SECONDS"))

    assert float(app["stop_grace_period"].removesuffix("s")) > takes


def test_every_variable_given_to_the_application_is_a_setting() -> None:
    kinds: list[type[BaseSettings]] = [PlatformSettings]
    kinds += [one.settings for one in discover() if one.settings is not None]
    known = {variable_of(kind, name) for kind in kinds for name in kind.model_fields}
    given = {
        variable.removesuffix("_FILE")
        for name in (DEVELOPMENT, PRODUCTION)
        for role in ("app", "migrate")
        for variable in services(name).get(role, {}).get("environment", {})
    }
    assert given - known == set()


def test_what_the_application_keeps_in_directories_is_in_volumes() -> None:
    """Its own file system is read-only, and gone with the container."""
    kinds = [one.settings for one in discover() if one.settings is not None]
    named = {
        variable_of(kind, name)
        for kind in kinds
        for name in kind.model_fields
        if name.endswith("_dir")
    }
    said = dict(pair.split("=", 1) for pair in instruction("ENV").split())
    volumes = [one.split(":") for one in services(PRODUCTION)["app"]["volumes"]]
    places = {place: name for name, place, *options in volumes if options != ["ro"]}

    assert named >= {"CATALOG_MEDIA_DIR"}
    assert {said[name] for name in named} == set(places)
    assert set(places.values()) <= set(compose(PRODUCTION)["volumes"])


def test_no_password_is_in_the_files() -> None:
    for name in (DEVELOPMENT, PRODUCTION, "Dockerfile", "deploy/roles.sh", "deploy/Caddyfile"):
        text = (ROOT / name).read_text()
        assert not re.search(r"://[^\s:/@{]+:[^\s@$]+@", text), name
        assert not LITERAL_SECRET.search(text), name


def test_development_listens_on_this_machine_only() -> None:
    ports = [port for one in services(DEVELOPMENT).values() for port in one.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_proxy_bounds_what_it_takes() -> None:
    text = (ROOT / "deploy" / "Caddyfile").read_text()

    for limit in (
        "read_header",
        "read_body",
        "idle",
        "max_header_size",
        "max_size",
        "dial_timeout",
    ):
        assert re.search(rf"^\s*{limit} \d+\w+$", text, re.MULTILINE), limit


def test_the_proxy_lets_through_the_files_that_the_application_takes() -> None:
    """And nothing else that is so large."""
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    description = json.loads((ROOT / "docs" / "openapi.json").read_text())
    matched = [re.findall(rf"@{name} (?:not )?path (.+)", text) for name in ("files", "others")]
    sizes = dict(re.findall(r"request_body @(\w+) {\s+max_size (\d+)MiB", text))
    takes = int(services(PRODUCTION)["app"]["environment"]["UPLOAD_MIB"])

    assert matched[0] == matched[1]
    assert set(matched[0][0].split()) == {
        re.sub(r"{\w+}", "*", path)
        for path, operations in description["paths"].items()
        for operation in operations.values()
        if '"binary"' in json.dumps(operation.get("requestBody", {}))
    }
    assert int(sizes["files"]) > takes
    assert int(sizes["others"]) > 1


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The secrets as the script makes them."""
    script = tmp_path / "make-secrets.sh"
    script.write_text((ROOT / "deploy" / "make-secrets.sh").read_text())
    subprocess.run(["/bin/sh", script], check=True, capture_output=True)
    return tmp_path / "secrets"


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_the_script_makes_every_secret_that_production_names(secrets: Path) -> None:
    named = {Path(one["file"]).name for one in compose(PRODUCTION)["secrets"].values()}

    assert set(contents(secrets)) == named
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets.iterdir()} == {0o444}


def test_the_script_never_replaces_a_secret(secrets: Path) -> None:
    before = contents(secrets)
    subprocess.run(["/bin/sh", secrets.parent / "make-secrets.sh"], check=True, capture_output=True)

    assert contents(secrets) == before


def test_the_secrets_are_settings_that_are_accepted(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = services(PRODUCTION)["migrate"]["environment"]
    for name, text in environment.items():
        value = re.sub(r"\$\{DOMAIN[^}]*\}", "api.example.org", text)
        monkeypatch.setenv(name, value.replace("/run/secrets", str(secrets)))

    settings = read_settings(PlatformSettings)

    assert isinstance(settings, PlatformSettings)
    assert settings.production
    assert settings.app_url == (secrets / "database_url").read_text()
    assert settings.owner_url == (secrets / "migration_database_url").read_text()
    assert settings.allowed_hosts == ["api.example.org", "127.0.0.1"]


def test_mail_in_production_needs_a_server_and_a_sender_or_a_decision(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsafe(**given: str) -> list[str]:
        for name, text in services(PRODUCTION)["app"]["environment"].items():
            value = re.sub(r"\$\{(\w+)(?::-([^}]*))?[^}]*\}", _filled({**domain, **given}), text)
            monkeypatch.setenv(name, value.replace("/run/secrets", str(secrets)))
        settings = read_settings(IdentitySettings)
        assert isinstance(settings, IdentitySettings)
        return [line.partition(":")[0] for line in settings.unsafe_in_production()]

    domain = {"DOMAIN": "api.example.org"}
    assert unsafe(SMTP_HOST="smtp.example.org", MAIL_FROM="no-reply@example.org") == []
    assert unsafe(SMTP_HOST="smtp.example.org") == ["IDENTITY_MAIL_FROM"]
    assert unsafe(WITHOUT_MAIL="true") == []
    assert unsafe() == ["IDENTITY_SMTP_HOST"]


def _filled(given: dict[str, str]) -> Callable[[re.Match[str]], str]:
    return lambda found: given.get(found[1], found[2] or "")


def test_the_secrets_are_no_part_of_the_repository_or_the_image() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()

    assert "deploy/secrets/" in ignored
    assert os.access(ROOT / "deploy" / "roles.sh", os.X_OK)
