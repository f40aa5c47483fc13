# SPDX-License-Identifier: GPL-3.0-or-later
"""What the simulator is compared with: Starlette alone, on the same server with TLS, sending a reply it was given.

    python -m tpops_simulator.bench.bare CERTIFICATE KEY PATH REPLY

The path is Starlette's, with `{name}` for a parameter, and the reply is a file of JSON. The port is printed.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def serve(certificate: str, key: str, path: str, reply: str) -> None:
    """Serve until the process is ended."""
    body = json.loads(Path(reply).read_text(encoding="utf-8"))

    async def answer(_request: Request) -> JSONResponse:
        return JSONResponse(body)

    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        Starlette(routes=[Route(path, answer)]),
        ws="none",
        loop="asyncio",
        lifespan="off",
        ssl_certfile=certificate,
        ssl_keyfile=key,
        log_level="warning",
        access_log=False,
    )
    print(listener.getsockname()[1], flush=True)
    await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
