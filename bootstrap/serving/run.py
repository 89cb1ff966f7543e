"""Which server runs."""

from __future__ import annotations

import socket

from bootstrap.serving.plan import Plan


class PortTaken(Exception):
    """The address cannot be listened on. The message names it and says why."""


def run(plan: Plan) -> None:
    """Serve until SIGTERM or SIGINT, then stop in order and return.

    Readiness goes off at once; new requests are still answered for `drain_seconds`, while load
    balancers look elsewhere; then requests in flight have `stop_seconds` to finish. Raises
    PortTaken.
    """
    _try_address(plan)
    if plan.workers > 1:
        from bootstrap.serving.several import serve  # noqa: PLC0415 - only one server is loaded
    elif plan.reload:
        from bootstrap.serving.reloading import serve  # noqa: PLC0415 - heavy
    else:
        from bootstrap.serving.single import serve  # noqa: PLC0415 - heavy
    serve(plan)


def _try_address(plan: Plan) -> None:
    """Find out before anything is started; the servers' own messages come too late."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            plan.host, plan.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        reason = error.strerror or "it is no address of this machine"
        raise PortTaken(f"cannot listen on {plan.host}:{plan.port}: {reason.lower()}") from None
