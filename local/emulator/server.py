"""The emulator itself: ministack's application behind a socket that the engine has bound, in a process of its own.

Not ministack's own entry point, for four reasons: a bound socket is handed over, so that no port can be lost between
choosing and using it; the process ends with its keeper; batch requests are authorized as AWS does it; and the loopback
counts as TLS. The program's bucket
and queue policies deny plain HTTP (`aws:SecureTransport`), the emulator enforces that, and a certificate for 127.0.0.1 that
every client must be told of would protect nothing. A client that sends `X-Forwarded-Proto: http` is still denied.

Run as `python -m local.emulator.server SOCKET_FD` by `local/emulator/keeper.py` only; reads ministack's variables from the environment.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]

_FORWARDED: Final = b"x-forwarded-proto"


def main() -> None:
    """Serve until the process is killed."""
    threading.Thread(target=_end_with_keeper, daemon=True).start()
    from hypercorn.asyncio import serve  # noqa: PLC0415 - after the watch on the keeper is set: imports take a while
    from hypercorn.config import Config  # noqa: PLC0415 - same
    from ministack.app import app  # noqa: PLC0415 - same

    from local.emulator.amendments import amend  # noqa: PLC0415 - same

    amend()
    config = Config()
    config.bind = [f"fd://{sys.argv[1]}"]
    config.keep_alive_timeout = 75
    asyncio.run(serve(over_tls(app), config))  # type: ignore[arg-type]  # an ASGI application without annotations


def over_tls(application: Application) -> Application:
    """Return `application` with every HTTP request marked as having come over TLS, unless it says otherwise."""

    async def marked(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and all(name.lower() != _FORWARDED for name, _ in scope["headers"]):
            scope = {**scope, "headers": [*scope["headers"], (_FORWARDED, b"https")]}
        await application(scope, receive, send)

    return marked


def _end_with_keeper() -> None:
    os.read(sys.stdin.fileno(), 1)  # Nobody ever writes: this returns at the end.
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
