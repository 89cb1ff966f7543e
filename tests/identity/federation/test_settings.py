"""How providers are configured: by one setting, which says what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modules.identity.adapters.oidc.visit_secrets import DerivedVisitSecrets
from modules.identity.adapters.settings import IdentitySettings
from modules.identity.domain.providers import ProviderKind
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.adapters.settings import WrongSettings, read_settings

KEYS = {"client_id": "ours", "client_secret": "hush-hush"}
ACME = {"issuer": "https://id.acme.example", **KEYS}


def read(providers: object, **more: str) -> IdentitySettings:
    return IdentitySettings(providers=json.dumps(providers), **more)  # type: ignore[arg-type]  # read from text


def test_google_and_github_need_nothing_but_our_credentials() -> None:
    google, github = read({"google": KEYS, "github": KEYS}).providers
    assert (google.kind, google.issuer) == (ProviderKind.OPENID, "https://accounts.google.com")
    assert google.algorithms == ("RS256",)
    assert "oauth2.googleapis.com" in google.hosts
    assert (github.kind, github.issuer) == (ProviderKind.GITHUB, "https://github.com")
    assert github.hosts == {"github.com", "api.github.com"}
    assert "hush-hush" not in repr(google)


def test_any_issuer_is_a_provider_and_its_host_the_only_one_called() -> None:
    (acme,) = read({"acme": ACME}).providers
    assert acme.hosts == {"id.acme.example"}
    assert acme.scopes == ("openid", "email")
    (other,) = read(
        {"acme": {**ACME, "hosts": ["keys.acme.example"], "algorithms": ["ES256"]}}
    ).providers
    assert other.hosts == {"id.acme.example", "keys.acme.example"}
    assert other.algorithms == ("ES256",)


def test_they_may_be_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "providers.json"
    file.write_text(json.dumps({"acme": ACME}), "utf-8")
    monkeypatch.setenv("IDENTITY_PROVIDERS_FILE", str(file))
    found = read_settings(IdentitySettings)
    assert isinstance(found, IdentitySettings)
    assert [one.name for one in found.providers] == ["acme"]


@pytest.mark.parametrize(
    ("providers", "reason"),
    [
        ("{", "is no JSON"),
        ("[]", "it: has to be a JSON object"),
        ({"acme": []}, "acme: has to be a JSON object"),
        ({"Acme": ACME}, "a name is lower case letters, digits and -, at most 32"),
        ({"acme": KEYS}, "acme: issuer: has to be a text"),
        ({"acme": {**ACME, "client_secret": ""}}, "acme: client_secret: has to be a text"),
        ({"acme": {**ACME, "secret": "x"}}, "acme: secret: not known"),
        ({"acme": {**ACME, "algorithms": ["none"]}}, "acme: algorithms: only RS256"),
        ({"acme": {**ACME, "algorithms": ["HS256"]}}, "acme: algorithms: only RS256"),
        ({"acme": {**ACME, "hosts": ["https://x"]}}, "acme: hosts: needs names"),
        ({"acme": {**ACME, "scopes": "openid"}}, "acme: scopes: has to be a list of texts"),
        ({"acme": {**ACME, "issuer": "http://id.acme.example"}}, "acme: issuer: needs an https"),
        ({"acme": {**ACME, "issuer": "https://a@b.example"}}, "acme: issuer: needs an https"),
        ({"acme": {**ACME, "issuer": "https://a.example?x"}}, "acme: issuer: needs an https"),
        ({"acme": {**ACME, "issuer": "http://127.0.0.1.evil.example"}}, "acme: issuer: needs"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_without_secrets(
    providers: Any, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = providers if isinstance(providers, str) else json.dumps(providers)
    monkeypatch.setenv("IDENTITY_PROVIDERS", text)
    with pytest.raises(WrongSettings) as raised:
        read_settings(IdentitySettings)
    (line,) = raised.value.lines
    assert line.startswith(f"IDENTITY_PROVIDERS: {reason}")
    assert "hush-hush" not in line


def test_plain_http_is_for_this_machine_in_development(monkeypatch: pytest.MonkeyPatch) -> None:
    local = {"acme": {**ACME, "issuer": "http://127.0.0.1:9400"}}
    assert read(local).providers[0].is_plain
    monkeypatch.setenv("IDENTITY_PROVIDERS", json.dumps(local))
    monkeypatch.setenv("PUBLIC_URL", "https://api.example.com")
    with pytest.raises(WrongSettings) as raised:
        read_settings(IdentitySettings)
    assert raised.value.lines == ["IDENTITY_PROVIDERS: acme: issuer: http is for development only"]


@pytest.mark.parametrize(
    "place",
    [
        "http://app.example.com/x",
        "https://app.example.com/x?y",
        "https://app.example.com/x#y",
        "https://a@app.example.com/x",
        "https://app.example.com\\x",
        "javascript:alert(1)",
        "//app.example.com",
    ],
)
def test_front_ends_have_plain_addresses(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_OAUTH_REDIRECTS", f"https://app.example.com/ok,{place}")
    with pytest.raises(WrongSettings, match="IDENTITY_OAUTH_REDIRECTS: needs addresses"):
        read_settings(IdentitySettings)


def test_a_visit_outlives_a_change_of_the_secret_key() -> None:
    old, new = b"o" * 32, b"n" * 32
    before = DerivedVisitSecrets(SecretKeys([old]))
    keys = before.draw()
    assert before.draw() != keys
    between = DerivedVisitSecrets(SecretKeys([new, old]))
    assert between.again(keys.state, keys.challenge) == keys
    assert between.draw().challenge != keys.challenge
    assert DerivedVisitSecrets(SecretKeys([new])).again(keys.state, keys.challenge) is None
    assert 43 <= len(keys.verifier) <= 128
