"""How often one client may have a passkey verified."""

from __future__ import annotations

from typing import Any

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.settings import IdentitySettings
from modules.identity.ports.mail import Mailer
from tests.identity.passkeys.keyrings import IDENTITY
from tests.identity.postbox import Postbox
from tests.kit.passkey import SoftwarePasskey
from tests.kit.running import client_of, identity_settings, running


async def test_a_client_asks_and_answers_only_so_often(
    settings: PlatformSettings, clean: None
) -> None:
    few = identity_settings(attempts_per_client=3)
    parts: dict[type[Any], Any] = {IdentitySettings: few, Mailer: Postbox()}
    async with running(settings, replace=parts) as app, client_of(app) as http:
        options = [await http.post(f"{IDENTITY}/login/passkey/options") for _ in range(2)]
        credential = SoftwarePasskey(user_handle=bytes(32)).get(options[0].json())
        body = {"credential": credential}
        codes = [
            (await http.post(f"{IDENTITY}/login/passkey", json=body)).status_code for _ in range(2)
        ]
        late = await http.post(f"{IDENTITY}/login/passkey/options")
    assert codes == [401, 429]
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) > 0
