"""`app`, as people type it: exit codes, and one plain line for what can be expected to fail."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.bootstrap.commands import app
from tests.bootstrap.processes import free_port, serving
from tests.kit.cluster import TestDatabase
from tests.kit.running import SECRET
from tests.kit.starting import ROOT, Start, forked, started

AWAY = "postgresql://app:CANARY@127.0.0.1:1/app"


def test_wrong_settings_are_told_in_a_line_per_variable(tmp_path: Path) -> None:
    wrong = {"SECRET_KEYS": "CANARY", "DATABASE_URL": "mysql://CANARY", "LOG_LEVEL": "CANARY"}
    for command in (["serve"], ["policy", "list"]):
        ended = app(*command, cwd=tmp_path, environment=wrong)
        assert ended.returncode == 2, ended.stderr
        lines = ended.stderr.removeprefix("error: ").splitlines()
        assert [line.partition(":")[0] for line in lines] == [
            "DATABASE_URL",
            "SECRET_KEYS",
            "LOG_LEVEL",
        ]
        assert "CANARY" not in ended.stderr + ended.stdout


def test_a_server_tells_all_that_is_wrong_at_once(tmp_path: Path) -> None:
    wrong = {
        "ENVIRONMENT": "production",
        "DATABASE_URL": AWAY,
        "SECRET_KEYS": "change-me-" * 4,
        "ACCESS_DEFAULT_ROLE": "administrator",
        "IDENTITY_REQUIRE_VERIFIED_EMAIL": "CANARY",
    }
    for command in (["serve"], ["worker"]):
        ended = app(*command, cwd=tmp_path, environment=wrong)
        assert ended.returncode == 2, ended.stderr
        named = {
            line.partition(":")[0] for line in ended.stderr.removeprefix("error: ").split("\n")
        }
        assert named >= {
            "SECRET_KEYS",
            "ACCESS_DEFAULT_ROLE",
            "IDENTITY_REQUIRE_VERIFIED_EMAIL",
        }
        assert "CANARY" not in ended.stderr + ended.stdout


def test_keys_that_do_not_fit_the_database_are_told_in_one_line(
    tmp_path: Path, database: TestDatabase
) -> None:
    environment = {"DATABASE_URL": database.app_url, "SECRET_KEYS": SECRET}
    assert app("policy", "list", cwd=tmp_path, environment=environment).returncode == 0
    others = {**environment, "SECRET_KEYS": "another-" + SECRET}
    for command in (["serve"], ["policy", "list"]):
        ended = app(*command, cwd=tmp_path, environment=others)
        assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
        assert ended.stderr.startswith("error: SECRET_KEYS: ")


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_database_that_is_away_is_told_in_one_line(tmp_path: Path, command: str) -> None:
    environment = {"DATABASE_URL": AWAY, "SECRET_KEYS": SECRET}
    ended = app(command, cwd=tmp_path, environment=environment)
    assert (ended.returncode, ended.stderr.count("\n")) == (5, 1), ended.stderr
    assert ended.stderr.startswith("error: ")
    assert "CANARY" not in ended.stderr


def test_an_address_that_is_taken_is_told_in_one_line(
    tmp_path: Path, database: TestDatabase
) -> None:
    port = free_port()
    environment = {"DATABASE_URL": database.app_url, "SECRET_KEYS": SECRET}
    with socket.create_server(("127.0.0.1", port)):
        ended = app("serve", "--port", str(port), cwd=tmp_path, environment=environment)
    assert ended.returncode == 5
    assert ended.stderr == f"error: cannot listen on 127.0.0.1:{port}: address already in use\n"


def test_a_failure_is_one_document_with_json(tmp_path: Path) -> None:
    ended = app("policy", "list", "--json", cwd=tmp_path)
    assert json.loads(ended.stdout)["exit_code"] == ended.returncode == 2
    assert ended.stderr == ""


def test_an_unknown_command_or_option_is_wrong_usage(tmp_path: Path) -> None:
    assert app("nonsense", cwd=tmp_path).returncode == 2
    assert app("serve", "--nonsense", cwd=tmp_path).returncode == 2


def test_production_does_not_start_when_unsafe(tmp_path: Path) -> None:
    environment = {
        "ENVIRONMENT": "production",
        "DATABASE_URL": "postgresql://app:CANARY@db.example.org/app",
        "SECRET_KEYS": "change-me-CANARY-" * 4,
    }
    ended = app("serve", cwd=tmp_path, environment=environment)
    assert ended.returncode == 2
    lines = ended.stderr.removeprefix("error: ").splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "SECRET_KEYS",
        "DATABASE_URL",
        "IDENTITY_SMTP_HOST",
    ]
    assert "CANARY" not in ended.stderr


def test_commands_of_the_platform_are_there_without_waiting_for_the_frameworks() -> None:
    code = (
        "import sys; from bootstrap.cli.application import build; build(with_modules=False);"
        "print({'alembic', 'dependency_injector', 'fastapi', 'sqlalchemy'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_every_route_declares_who_may_call_it(tmp_path: Path) -> None:
    assert app("routes", "--unprotected", cwd=tmp_path).returncode == 0
    rows: list[dict[str, str]] = json.loads(app("routes", "--json", cwd=tmp_path).stdout)
    assert {"method": "GET", "path": "/health/live", "access": "public"} in rows
    assert {row["access"] for row in rows} > {"public", "signed in"}


@pytest.mark.parametrize(
    "command", [["openapi"], ["matrix"], ["settings", "example"]], ids=" ".join
)
def test_committed_files_say_what_the_code_says(tmp_path: Path, command: list[str]) -> None:
    ended = app(*command, "--check", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout


def test_doctor_names_a_fix_for_each_finding(tmp_path: Path, database: TestDatabase) -> None:
    environment = {"DATABASE_URL": database.app_url, "SECRET_KEYS": SECRET}
    well = app("doctor", "--json", cwd=tmp_path, environment=environment)
    found: list[dict[str, Any]] = json.loads(well.stdout)
    assert well.returncode == 0, well.stdout
    assert {"python", "database", "migrations", "rights", "clock", "access policy"} <= {
        one["name"] for one in found
    }
    ill = app("doctor", "--production", "--json", cwd=tmp_path, environment=environment)
    assert ill.returncode == 1
    bad: list[dict[str, Any]] = [one for one in json.loads(ill.stdout) if not one["ok"]]
    assert {"SECRET_KEYS", "ENVIRONMENT", "ALLOWED_HOSTS", "PUBLIC_URL", "IDENTITY_SMTP_HOST"} <= {
        one["name"] for one in bad
    }
    assert all(one["fix"] for one in bad)


@pytest.mark.parametrize(
    ("workers", "start"), [("1", started), ("2", forked)], ids=["uvicorn", "granian"]
)
def test_serve_serves_and_ends_well(database: TestDatabase, workers: str, start: Start) -> None:
    port = free_port()
    command = ("bootstrap.cli", "serve", "--port", str(port), "--workers", workers)
    environment = {"DATABASE_URL": database.app_url, "SECRET_KEYS": SECRET}
    with serving(*command, port=port, start=start, environment=environment) as server:
        ready = httpx2.get(f"{server.url}/health/ready").json()
        assert ready["status"] == "ready", ready
        assert httpx2.get(f"{server.url}/v1/catalog/products").status_code == 200
        server.process.send_signal(signal.SIGTERM)
        assert server.ended() == 0


def test_worker_ends_well(tmp_path: Path, database: TestDatabase) -> None:
    environment = {"DATABASE_URL": database.app_url, "SECRET_KEYS": SECRET}
    process = forked("bootstrap.cli", "worker", environment=environment, cwd=tmp_path)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(4)
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 0
