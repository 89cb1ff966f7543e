"""What known devices are recognised by."""

from __future__ import annotations

from uuid import uuid4

import pytest

from modules.identity.adapters.devices import SignedDevices
from modules.identity.ports.throttle import KnownDevices
from shared_kernel.adapters.secrets import SecretKeys
from tests.kit.throttle import PlainDevices

WHO = "ada@example.com"
OLD, NEW = b"the old secret key, 32 bytes long", b"the new secret key, 32 bytes long"


DEVICES = [PlainDevices(), SignedDevices(SecretKeys([OLD]))]


@pytest.mark.parametrize("devices", DEVICES)
def test_a_device_is_recognised_by_its_token_and_for_its_owner_alone(
    devices: KnownDevices,
) -> None:
    device = uuid4()
    token = devices.token(WHO, device)
    assert devices.recognise(WHO, token) == device
    assert devices.recognise("grace@example.com", token) is None
    assert devices.recognise(WHO, None) is None
    assert devices.recognise(WHO, "") is None


def test_a_device_token_survives_a_new_secret_key_until_the_old_one_is_gone() -> None:
    device = uuid4()
    token = SignedDevices(SecretKeys([OLD])).token(WHO, device)
    assert SignedDevices(SecretKeys([NEW, OLD])).recognise(WHO, token) == device
    assert SignedDevices(SecretKeys([NEW])).recognise(WHO, token) is None


def test_a_device_token_cannot_be_changed_or_made_up() -> None:
    devices, device = SignedDevices(SecretKeys([OLD])), uuid4()
    token = devices.token(WHO, device)
    assert token.startswith("app_dev_")
    assert WHO not in token
    for place in range(len("app_dev_"), len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert devices.recognise(WHO, changed) is None
    assert devices.recognise(WHO, SignedDevices(SecretKeys([NEW])).token(WHO, device)) is None
    assert devices.recognise(WHO, token + "0") is None
    assert devices.recognise(WHO, "app_rt_" + token[8:]) is None
