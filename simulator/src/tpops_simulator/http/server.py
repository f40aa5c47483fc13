# SPDX-License-Identifier: GPL-3.0-or-later
"""uvicorn around a Simulator: in the foreground for the command, in a thread for tests."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .app import Simulator
from .tls import TlsFiles


class _Protocol(HttpToolsProtocol):
    """Shows its transport to the application: a fault has to reset the connection."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


# How often (s) it is looked whether the process that a server runs for is still there.
WATCH_SECONDS = 1

# A request that is under way when the server is stopped gets so many seconds.
GRACE_SECONDS = 2


class _Uvicorn(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again at its end, and the command could not exit with 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # An orderly end of TLS waits for the client, which may keep an idle connection for as long as it likes.
        self._abort(lambda connection: connection.cycle is None or connection.cycle.response_complete)
        # One that a fault keeps waiting is closed before uvicorn cancels it, which would look like a failure.
        timer = asyncio.get_running_loop().call_later(GRACE_SECONDS, self._abort, lambda _connection: True)
        await super().shutdown(sockets)
        timer.cancel()

    def _abort(self, wanted: Callable[[Any], bool]) -> None:
        for connection in list(self.server_state.connections):
            if wanted(connection):
                connection.transport.abort()


class Server:
    """A Simulator listening on a port. `port` is known before the first connection, also when 0 was asked for."""

    def __init__(
        self, simulator: Simulator, tls: TlsFiles, *, host: str = "127.0.0.1", port: int = 0, log_level: str = "warning"
    ) -> None:
        self.simulator = simulator
        self.tls = tls
        self.host = host
        family, *_unused = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Connections inherit it. Without it a body, sent after its headers, waits 40 ms for the client's ACK.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.bind((host, port))
            self._socket.listen(512)
        except OSError:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            simulator,
            http=_Protocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            ssl_certfile=str(tls.certificate),
            ssl_keyfile=str(tls.key),
            log_level=log_level,
            access_log=False,
            server_header=False,
            date_header=False,
            # Longer than the pauses a client makes between polls, so that it need not shake hands again for each.
            timeout_keep_alive=120,
            timeout_graceful_shutdown=GRACE_SECONDS + 1,
        )
        self._server = _Uvicorn(config)
        self._group: ServerGroup | None = None

    @property
    def endpoint(self) -> str:
        """`HOST:PORT` as a client writes it."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "") else "::1" if self.host == "::" else self.host
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    def loop_factory(self) -> Any:
        """Makes the event loop that uvicorn would choose."""
        return self._server.config.get_loop_factory()

    async def serve(self) -> None:
        await self._server.serve(sockets=[self._socket])

    @property
    def started(self) -> bool:
        return self._server.started

    def ask_to_stop(self) -> None:
        """Finish what is under way; asked a second time, do not wait for it."""
        if self._server.should_exit:
            self._server.force_exit = True
        self._server.should_exit = True

    def start(self) -> Server:
        """Serve in a thread; returns once connections are accepted."""
        self._group = ServerGroup([self])
        self._group.start()
        return self

    def stop(self) -> None:
        if self._group:
            self._group.stop()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()


class ServerGroup:
    """Servers that share one event loop, so that a handler of one site may touch the linked site without a lock."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self.servers = list(servers)
        self._thread: threading.Thread | None = None

    def run(self, on_ready: Callable[[], None] | None = None, while_pid: int | None = None) -> None:
        """Serve until SIGTERM or SIGINT, or until a process is gone, then finish what is under way and return."""

        async def main() -> None:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._ask_to_stop)
            watch = asyncio.ensure_future(self._watch(while_pid)) if while_pid else None
            await self._serve(on_ready)
            if watch:
                watch.cancel()

        self._run(main())

    def start(self, timeout: float = 20) -> ServerGroup:
        """Serve in a thread; returns once connections are accepted."""
        ready = threading.Event()
        target = functools.partial(self._run_in_thread, ready.set)
        self._thread = threading.Thread(target=target, name="tpops-simulator", daemon=True)
        self._thread.start()
        if not ready.wait(timeout):
            raise RuntimeError("the simulator did not start")
        return self

    def stop(self, timeout: float = 10) -> None:
        self._ask_to_stop()
        if self._thread:
            self._thread.join(timeout)

    def _run_in_thread(self, on_ready: Callable[[], None]) -> None:
        self._run(self._serve(on_ready))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=self.servers[0].loop_factory()) as runner:
            runner.run(work)

    async def _serve(self, on_ready: Callable[[], None] | None) -> None:
        tasks = [asyncio.ensure_future(server.serve()) for server in self.servers]
        while not all(server.started for server in self.servers) and not any(t.done() for t in tasks):
            await asyncio.sleep(0.005)
        if on_ready and not any(task.done() for task in tasks):
            on_ready()
        await asyncio.gather(*tasks)

    async def _watch(self, pid: int) -> None:
        while _is_there(pid):
            await asyncio.sleep(WATCH_SECONDS)
        self._ask_to_stop()

    def _ask_to_stop(self) -> None:
        for server in self.servers:
            server.ask_to_stop()

    def __enter__(self) -> ServerGroup:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # It is somebody else's.
        return True
    return True
