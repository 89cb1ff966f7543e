"""A provider that does whatever a test wants: it lies, stalls, and floods."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey
from joserfc.jws import JWSRegistry

CLIENT_ID, CLIENT_SECRET = "ashlar", "odd-secret-0123456789-0123456789"
LAX = JWSRegistry(algorithms=["none", "HS256", "ES256", "Ed25519"], strict_check_header=False)

Answer = tuple[int, Mapping[str, str], bytes]


@dataclass
class OddProvider:
    """Speaks HTTP/1.1 on 127.0.0.1. A path in `answers` is answered so; in `stalls`, so late."""

    port: int = 0
    nonce: str = ""
    calls: Counter[str] = field(default_factory=Counter[str])
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    stalls: dict[str, float] = field(default_factory=dict[str, float])
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    claims: dict[str, Any] = field(default_factory=dict[str, Any])
    header: dict[str, Any] = field(default_factory=dict[str, Any])
    key: ECKey | OKPKey | OctKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    published: list[ECKey | OKPKey] = field(default_factory=list[ECKey | OKPKey])
    asked: dict[str, str] = field(default_factory=dict[str, str])
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def settings(self, **more: object) -> dict[str, object]:
        """Return what our settings say of it."""
        known = {"issuer": self.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        return {**known, **more}

    def be_honest(self) -> None:
        """Forget all lies, and keep the keys."""
        for one in (self.answers, self.stalls, self.metadata, self.claims, self.header):
            one.clear()
        self.calls.clear()
        self.key = self.published[0]

    def publish(self, key: ECKey | OKPKey) -> None:
        """Publish another key, and sign with it."""
        key.ensure_kid()
        self.published.append(key)
        self.key = key

    def id_token(self) -> str:
        """Return an ID token with whatever is asked for."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "odd-1",
            "nonce": self.nonce,
            "iat": now,
            "exp": now + 300,
            "email": "odd@example.com",
            "email_verified": True,
            **self.claims,
        }
        header = {"alg": "ES256", "kid": self.key.kid, **self.header}
        kept = {name: value for name, value in claims.items() if value is not None}
        shown = {name: value for name, value in header.items() if value is not None}
        return jws.serialize_compact(shown, json.dumps(kept), self.key, registry=LAX)

    def respond(self, path: str) -> Answer:
        """Return the answer to a request."""
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            return _json(self._described())
        if path == "/keys":
            return _json(KeySet([*self.published]).as_dict(private=False))
        if path == "/token":
            tokens = {"access_token": "odd", "token_type": "Bearer", "id_token": self.id_token()}
            return _json(tokens)
        return _json({"error": "not_found"}, 404)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, and hang up."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = [one for one in head.lower().split("\r\n") if one.startswith("content-length:")]
        sent = await reader.readexactly(int(length[0].partition(":")[2]) if length else 0)
        path = head.split(" ")[1].partition("?")[0]
        self.calls[path] += 1
        self.asked[path] = head + sent.decode()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.stalls.get(path, 0)):
                await self.over.wait()
        status, headers, body = self.respond(path)
        lines = [f"HTTP/1.1 {status} -", "connection: close", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        try:
            await writer.drain()
        except ConnectionError:
            return  # the other side has had enough
        finally:
            writer.close()

    def _described(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["none", "HS256", "ES256"],
            **self.metadata,
        }


def _json(document: object, status: int = 200) -> Answer:
    return status, {"content-type": "application/json"}, json.dumps(document).encode()


@asynccontextmanager
async def odd_provider() -> AsyncGenerator[OddProvider]:
    """Run one, honest at first."""
    odd = OddProvider()
    odd.publish(ECKey.generate_key("P-256"))
    server = await asyncio.start_server(odd.serve, "127.0.0.1", 0)
    odd.port = server.sockets[0].getsockname()[1]
    async with server:
        yield odd
        odd.over.set()  # whoever was made to wait
        await asyncio.sleep(0.01)
