"""What the log says, and what it must never say."""

from __future__ import annotations

import json
import logging as standard
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog

from bootstrap import logging
from shared_kernel.application import Origin, origin
from tests.bootstrap.test_edge import talking_to
from tests.bootstrap.toy import toy

ROOT = Path(__file__).resolve().parents[2]

SECRETS = (
    "Bearer CANARYabcdefgh",
    "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJDQU5BUlkifQ.CANARYsignature",
    "app_rt_CANARYabcdefghijk",
    "app_sat_CANARYabcdefghijk",
    "postgresql://app:CANARYpassword@db.example/app",
    "password=CANARYpassword",
    "'token': 'CANARYtoken'",
)
Read = Callable[[], str]


@pytest.fixture
def capture(tmp_path: Path) -> Iterator[Callable[[str, bool], Read]]:
    """Configure the log into a file; put the process's log back afterwards."""
    root = standard.getLogger()
    handlers, level = list(root.handlers), root.level
    file = (tmp_path / "log").open("w+b")

    def configured(at: str, production: bool) -> Read:
        logging.configure(
            at, production=production, lines=logging.Lines(file.fileno(), every=not production)
        )

        def read() -> str:
            logging.flush()
            return (tmp_path / "log").read_text("utf-8")

        return read

    yield configured
    root.handlers[:], root.level = handlers, level
    standard.captureWarnings(capture=False)
    logging.forget()
    structlog.reset_defaults()
    file.close()


def fail(message: str) -> None:
    raise ValueError(message)


def documents(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("production", [True, False])
@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_never_reach_the_log(
    capture: Callable[[str, bool], Read], production: bool, secret: str
) -> None:
    read = capture("DEBUG", production)
    log = standard.getLogger("anything")
    log.info("message %s", secret)
    log.info("extra", extra={"text": secret, "nested": {"list": [secret]}})
    structlog.get_logger().info("event", text=secret)
    try:
        fail(secret)
    except ValueError:
        log.exception("failed")
        structlog.get_logger().exception("failed too")
    assert "CANARY" not in read()


@pytest.mark.parametrize(
    "name", ["password", "Authorization", "set-cookie", "refresh_token", "api_key", "DATABASE_URL"]
)
def test_members_with_a_telling_name_are_hidden(
    capture: Callable[[str, bool], Read], name: str
) -> None:
    read = capture("INFO", True)
    structlog.get_logger().info("event", **{name: "CANARY", "deep": {"deeper": {name: "CANARY"}}})
    standard.getLogger("x").info("event", extra={name: "CANARY"})
    assert "CANARY" not in read()
    assert "[hidden]" in read()


def test_exceptions_are_told_without_the_values_of_variables(
    capture: Callable[[str, bool], Read],
) -> None:
    read = capture("INFO", True)

    def fail_with_a_variable() -> None:
        inner = "".join(["CAN", "ARY"])
        raise RuntimeError(len(inner))

    try:
        fail_with_a_variable()
    except RuntimeError:
        standard.getLogger("x").exception("failed")
    told = documents(read())[0]
    assert "RuntimeError: 6" in told["exception"]
    assert "CANARY" not in read()


@pytest.mark.parametrize("production", [True, False])
def test_one_event_is_one_line_whatever_is_in_it(
    capture: Callable[[str, bool], Read], production: bool
) -> None:
    read = capture("INFO", production)
    evil = "a\n2026-01-01 info fake\r\x1b[31mred\u2028b\x00"
    standard.getLogger("x").info("said %s", evil, extra={"more": evil})
    structlog.get_logger().info(evil, key=evil)
    text = read()
    assert len(text.split("\n")) == 3
    assert not any(sign in text for sign in "\r\x1b\x00")


def test_an_exception_cannot_fake_a_line_in_development(
    capture: Callable[[str, bool], Read],
) -> None:
    read = capture("INFO", False)
    try:
        fail("bad\n12:00:00.000 info     all is well  (access)\x1b[2J")
    except ValueError:
        standard.getLogger("x").exception("failed")
    first, *rest = read().splitlines()
    assert "failed" in first
    assert rest
    assert all(line.startswith("    ") for line in rest)
    assert "\x1b" not in read()


def test_a_line_says_which_request_it_belongs_to(capture: Callable[[str, bool], Read]) -> None:
    read = capture("INFO", True)
    token = origin.set(Origin(request_id="request-1", trace_id="t" * 32))
    standard.getLogger("x").warning("inside")
    origin.reset(token)
    standard.getLogger("x").warning("outside")
    inside, outside = documents(read())
    assert (inside["request_id"], inside["trace_id"]) == ("request-1", "t" * 32)
    assert "request_id" not in outside
    assert inside["time"].endswith("Z")


def test_what_libraries_and_warnings_say_comes_through_the_same_stream(
    capture: Callable[[str, bool], Read],
) -> None:
    read = capture("INFO", True)
    standard.getLogger("sqlalchemy.pool").error("pool password=CANARY")
    standard.getLogger("uvicorn.access").error("GET /?token=CANARY")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", stacklevel=1)
    events = [one["logger"] for one in documents(read())]
    assert events == ["sqlalchemy.pool", "py.warnings"]
    assert "CANARY" not in read()


def test_a_line_that_cannot_be_written_is_said_to_be_so(
    capture: Callable[[str, bool], Read],
) -> None:
    read = capture("INFO", True)
    wanting = "two %s %s"
    standard.getLogger("x").info(wanting, "CANARY")
    (told,) = documents(read())
    assert told["event"] == "unwritable log line"
    assert "CANARY" not in read()


async def test_the_access_line_has_the_route_and_not_the_path(
    capture: Callable[[str, bool], Read],
) -> None:
    read = capture("INFO", True)
    async with talking_to(toy()) as client:
        headers = {"authorization": "Bearer CANARY-not-a-uuid"}
        await client.get("/v1/toys/7?q=CANARY", headers={"x-request-id": "request-7"})
        await client.get("/v1/nothing/CANARY")
        await client.get("/v1/toys/of/me", headers=headers)
        await client.post("/v1/toys/1", content=b'{"CANARY": "CANARY"}')
        await client.get("/health/live")
    lines = documents(read())
    assert [one["route"] for one in lines] == [
        "/v1/toys/{number}",
        None,
        "/v1/toys/of/me",
        "/v1/toys/{number}",
    ]
    first = lines[0]
    assert (first["method"], first["status"], first["bytes"]) == ("GET", 200, 12)
    assert (first["request_id"], first["address"]) == ("request-7", "192.0.2.7")
    assert first["ms"] > 0
    assert "CANARY" not in read()


async def test_the_access_line_names_the_caller(capture: Callable[[str, bool], Read]) -> None:
    read = capture("INFO", True)
    caller = "0192f0c4-0000-7000-8000-000000000001"
    async with talking_to(toy()) as client:
        await client.get("/v1/toys/of/me", headers={"authorization": f"Bearer {caller}"})
    assert documents(read())[0]["caller_id"] == caller


async def test_what_nobody_expected_is_logged_once_with_its_request(
    capture: Callable[[str, bool], Read],
) -> None:
    read = capture("INFO", True)
    async with talking_to(toy()) as client:
        answer: httpx2.Response = await client.get("/v1/toys/broken/now")
    errors = [one for one in documents(read()) if one["level"] == "error"]
    assert len(errors) == 1
    assert errors[0]["request_id"] == answer.json()["request_id"]
    assert "RuntimeError" in errors[0]["exception"]
    assert "CANARY-local" not in read()


def test_buffered_lines_are_written_at_the_end_of_the_process() -> None:
    code = (
        "import logging as l; from bootstrap import logging as ours;"
        "ours.configure('INFO', production=True);"
        "[l.getLogger('x').info('line %d', n) for n in range(5000)]"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert len(documents(done.stdout)) == 5000
