"""Two strict providers, one that lies, and applications that know them."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Generator, Sequence

import pytest
import pytest_asyncio
from fastapi import FastAPI

from bootstrap.platform import SystemClock
from bootstrap.settings import PlatformSettings
from modules.identity.adapters.oidc import ConfiguredProviders, kept
from modules.identity.domain.providers import read_providers
from tests.identity.federation.browsers import BASE, Browser, browser_of, served
from tests.kit.cluster import TestDatabase
from tests.kit.odd_provider import OddProvider, odd_provider
from tests.kit.oidc_peers import Peer, oidc_peers
from tests.kit.sweeping import Sweeper


@pytest.fixture(scope="package")
def peers() -> Generator[Sequence[Peer]]:
    with oidc_peers("http://127.0.0.1:8000") as started:
        yield started


@pytest_asyncio.fixture(scope="package")
async def site(settings: PlatformSettings, peers: Sequence[Peer]) -> AsyncGenerator[FastAPI]:
    async with served(settings, {one.name: one.settings() for one in peers}) as app:
        yield app


@pytest_asyncio.fixture
async def browser(site: FastAPI, clean: None) -> AsyncGenerator[Browser]:
    async with browser_of(site) as opened:
        yield opened


@pytest.fixture
def north(peers: Sequence[Peer]) -> Peer:
    return peers[0]


@pytest.fixture
def south(peers: Sequence[Peer]) -> Peer:
    return peers[1]


@pytest_asyncio.fixture(scope="package")
async def odd() -> AsyncGenerator[OddProvider]:
    async with odd_provider() as started:
        yield started


@pytest_asyncio.fixture(scope="package")
async def odd_site(
    settings: PlatformSettings, odd: OddProvider, database: TestDatabase
) -> AsyncGenerator[FastAPI]:
    known = {"odd": odd.settings(), "github": odd.settings()}
    async with served(settings, known) as app:
        yield app
    sweeper = Sweeper(database.owner_url)
    await sweeper.empty()  # once: refusals leave nothing behind
    sweeper.close()


@pytest_asyncio.fixture
async def visitor(
    odd_site: FastAPI, odd: OddProvider, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Browser]:
    odd.be_honest()
    monkeypatch.setattr(kept, "GAP_SECONDS", 0.0)
    async with browser_of(odd_site) as opened:
        yield opened


@pytest_asyncio.fixture(scope="package")
async def known(odd: OddProvider) -> AsyncGenerator[ConfiguredProviders]:
    """The providers as the application knows them, without the application."""
    both = {"odd": odd.settings(), "narrow": odd.settings(algorithms=["Ed25519"])}
    async with ConfiguredProviders(read_providers(json.dumps(both)), BASE, SystemClock()) as opened:
        yield opened


@pytest.fixture
def gateway(
    known: ConfiguredProviders, odd: OddProvider, monkeypatch: pytest.MonkeyPatch
) -> ConfiguredProviders:
    odd.be_honest()
    monkeypatch.setattr(kept, "GAP_SECONDS", 0.0)
    return known
