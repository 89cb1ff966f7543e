"""Asking a port who is there.

A pid says nothing (zombies, pids given anew) and an open port says little (anything may listen).
The proof is SCRAM-SHA-256 (RFC 5802, RFC 7677): both sides show that they know the password, and
neither sends it, so that a stranger on the port learns nothing.
"""

import base64
import hashlib
import hmac
import secrets
import socket
import struct
from enum import Enum, auto

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_PROTOCOL_3 = 196608
_SASL, _SASL_CONTINUE, _SASL_FINAL = 10, 11, 12
# A server of ours asks for 4096 rounds; a stranger must not make us compute for minutes.
_MOST_ROUNDS = 100_000
_CANNOT_CONNECT_NOW, _TOO_MANY_CONNECTIONS = b"C57P03\0", b"C53300\0"


class Answer(Enum):
    """What a port had to say."""

    OURS = auto()
    BUSY = auto()  # a PostgreSQL that starts, stops or is full, and cannot prove itself yet
    FOREIGN = auto()
    SILENT = auto()  # nobody listens


class _NotProven(Exception):
    pass


class _Busy(Exception):
    pass


def ask(port: int, user: str, password: str, *, timeout: float = 3) -> Answer:
    """Ask 127.0.0.1:`port` whether it is the server that knows this password.

    `timeout` in seconds, for each step.
    """
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
            _prove(connection, user, password)
    except ConnectionRefusedError:
        return Answer.SILENT
    except _Busy:
        return Answer.BUSY
    except (OSError, _NotProven, ValueError, struct.error):
        return Answer.FOREIGN
    return Answer.OURS


def _prove(connection: socket.socket, user: str, password: str) -> None:
    connection.sendall(_SSL_REQUEST)
    if _exactly(connection, 1) != b"N":  # ours never has TLS
        raise _NotProven
    startup = f"user\0{user}\0database\0postgres\0\0".encode()
    connection.sendall(struct.pack("!ii", 8 + len(startup), _PROTOCOL_3) + startup)
    if b"SCRAM-SHA-256\0" not in _authentication(connection, _SASL):
        raise _NotProven
    nonce = secrets.token_urlsafe(18)
    opening = f"n=,r={nonce}".encode()
    first = b"n,," + opening
    _send(connection, b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first)
    challenge = _authentication(connection, _SASL_CONTINUE)
    reply, signature = _scram(password, nonce, opening, challenge)
    _send(connection, reply)
    final = _authentication(connection, _SASL_FINAL)
    if not hmac.compare_digest(final, b"v=" + base64.b64encode(signature)):
        raise _NotProven


def _scram(password: str, nonce: str, opening: bytes, challenge: bytes) -> tuple[bytes, bytes]:
    """The reply to the server's challenge, and the signature only our server can answer with."""
    fields = {part[:1]: part[2:] for part in challenge.decode().split(",")}
    rounds = int(fields.get("i", "0"))
    if not fields.get("r", "").startswith(nonce) or not 0 < rounds <= _MOST_ROUNDS:
        raise _NotProven
    salt = base64.b64decode(fields.get("s", ""))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    closing = f"c=biws,r={fields['r']}".encode()
    spoken = b",".join([opening, challenge, closing])
    client_key = _keyed(salted, b"Client Key")
    client_signature = _keyed(hashlib.sha256(client_key).digest(), spoken)
    proof = bytes(a ^ b for a, b in zip(client_key, client_signature, strict=True))
    return closing + b",p=" + base64.b64encode(proof), _keyed(_keyed(salted, b"Server Key"), spoken)


def _keyed(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _send(connection: socket.socket, body: bytes) -> None:
    connection.sendall(b"p" + struct.pack("!i", 4 + len(body)) + body)


def _authentication(connection: socket.socket, expected: int) -> bytes:
    kind, length = struct.unpack("!ci", _exactly(connection, 5))
    if not 4 <= length <= 10_000:
        raise _NotProven
    body = _exactly(connection, length - 4)
    if kind == b"E" and (_CANNOT_CONNECT_NOW in body or _TOO_MANY_CONNECTIONS in body):
        raise _Busy
    if kind != b"R" or struct.unpack("!i", body[:4])[0] != expected:
        raise _NotProven
    return body[4:]


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise _NotProven
        received += part
    return received


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:`port` now."""
    with socket.socket() as trial:
        _share_only_with_the_dead(trial)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def any_free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def _share_only_with_the_dead(trial: socket.socket) -> None:
    """Ignore connections in TIME_WAIT, as the server does, but not a live listener."""
    exclusive: int | None = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)  # Windows only
    option = socket.SO_REUSEADDR if exclusive is None else exclusive
    trial.setsockopt(socket.SOL_SOCKET, option, 1)
