"""Where secret scanners report what they found (the protocol of GitHub's partner program)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, cast

from fastapi import Request

from modules.identity.application.leaks import Finding, RevokeLeaked, Verdict
from modules.identity.ports.api_keys import ReportSignatures
from shared_kernel.adapters.http import MEDIA_TYPE, Router, public, read_json, use
from shared_kernel.domain import Forbidden, Invalid, NotFound

router = Router(tags=["identity"])

KEY_HEADER = "Github-Public-Key-Identifier"
SIGNATURE_HEADER = "Github-Public-Key-Signature"
MOST_FINDINGS = 1_000
LONGEST_TOKEN, LONGEST_REMARK = 4_096, 500


class ReportsNotTaken(NotFound):
    """No scanner's public key is configured here."""


class ReportNotSigned(Forbidden):
    """The report is not signed by a scanner known here."""


class ReportMalformed(Invalid):
    """The report is no list of findings, or too long a one."""


def _text(longest: int, description: str) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest, "description": description}


def _header(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string", "maxLength": 200}
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": schema,
    }


FINDING: dict[str, Any] = {
    "type": "object",
    "required": ["token"],
    "properties": {
        "token": _text(LONGEST_TOKEN, "What was found."),
        "type": _text(LONGEST_REMARK, "What the scanner takes it for."),
        "url": _text(LONGEST_REMARK, "Where it was found."),
        "source": _text(LONGEST_REMARK, "What kind of place that is."),
    },
}
DESCRIBED: dict[str, Any] = {
    "parameters": [
        _header(KEY_HEADER, "Which of the configured keys signed the body."),
        _header(SIGNATURE_HEADER, "Base64 of an ECDSA signature (P-256, SHA-256) of the body."),
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "array", "maxItems": MOST_FINDINGS, "items": FINDING}
            }
        },
    },
}
NOT_SIGNED: dict[int | str, dict[str, Any]] = {
    403: {
        "description": "The signature is missing or wrong.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


@router.post("/leaked-keys", responses=NOT_SIGNED, openapi_extra=DESCRIBED)
@public
async def report_leaked_keys(
    request: Request,
    signatures: Annotated[ReportSignatures, use(ReportSignatures)],
    revoke: Annotated[RevokeLeaked, use(RevokeLeaked)],
) -> list[Verdict]:
    """Revoke leaked API keys, service account secrets and sessions, and tell their owners.

    For secret scanners, who sign what they send. The answer says of each finding whether it was
    one of our secrets. The same report may be sent again.
    """
    if not signatures.accepts_reports():
        raise ReportsNotTaken("no reports are taken here")
    key_id, signature = request.headers.get(KEY_HEADER), request.headers.get(SIGNATURE_HEADER)
    body = await request.body()
    if not key_id or not signature or not signatures.verify(key_id, signature, body):
        raise ReportNotSigned("the report is not signed by a scanner known here")
    return [*await revoke(_findings(body))]


def _findings(body: bytes) -> Sequence[Finding]:
    """Read a report. Members nobody knows yet are passed over: scanners add some."""
    report = read_json(body)
    if not isinstance(report, list):
        raise ReportMalformed("is a list of findings", field="")
    listed = cast("Sequence[Any]", report)
    if len(listed) > MOST_FINDINGS:
        raise ReportMalformed(f"holds {MOST_FINDINGS} findings at most", field="")
    return [_finding(one, index) for index, one in enumerate(listed)]


def _finding(one: Any, index: int) -> Finding:
    members = cast("dict[str, Any]", one) if isinstance(one, dict) else {}
    token = members.get("token")
    if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
        raise ReportMalformed("a finding names its token", field=f"/{index}/token")
    return Finding(
        token,
        _remark(members.get("type")),
        url=_remark(members.get("url")),
        source=_remark(members.get("source")),
    )


def _remark(value: object) -> str:
    return value[:LONGEST_REMARK] if isinstance(value, str) else ""
