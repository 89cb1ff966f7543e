"""Setup links for authenticator apps: `otpauth` addresses, and QR codes drawn by segno."""

from __future__ import annotations

import base64
import io
from urllib.parse import quote, urlencode

from modules.identity.domain.totp import DIGITS, STEP_SECONDS
from modules.identity.ports.second_factor import SetupLink

SCALE = 4  # pixels to a module, where nothing else says how large it is


class OtpauthLinks:
    """Writes addresses in the key URI format that Google Authenticator brought up.

    `service` is what apps call us.
    """

    def __init__(self, service: str) -> None:
        self._service = service

    def of(self, seed: bytes, address: str) -> SetupLink:
        secret = base64.b32encode(seed).decode().rstrip("=")
        # A colon would end the name of the service.
        service = self._service.replace(":", " ")
        parameters = {
            "secret": secret,
            "issuer": service,
            "algorithm": "SHA1",
            "digits": DIGITS,
            "period": STEP_SECONDS,
        }
        label = quote(f"{service}:{address}", safe="")
        uri = f"otpauth://totp/{label}?{urlencode(parameters, quote_via=quote)}"
        return SetupLink(secret, uri, _svg(uri))


def _svg(text: str) -> str:
    import segno  # noqa: PLC0415 - most processes never draw a code

    drawn = io.BytesIO()
    segno.make_qr(text, error="m").save(drawn, kind="svg", scale=SCALE, xmldecl=False)
    return drawn.getvalue().decode()
