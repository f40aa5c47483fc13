# SPDX-License-Identifier: GPL-3.0-or-later
"""The socket between the client and the simulator in one process: bytes of HTTP, without a network.

Everything above it is real: the collection's transport, ``requests``, ``urllib3`` and ``http.client`` on the one side,
the simulator's ASGI application on the other. A wait for bytes takes virtual time, up to the timeout of the socket.
"""

from __future__ import annotations

import asyncio
import errno
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote

# The range of the kernel's time.
_LONGEST_TIMEOUT = 2.0**31


@dataclass
class Stream:
    """A body without end: ``begin``, then filler, ``size`` bytes at a time and each time after ``seconds``."""

    seconds: float
    size: int
    begin: bytes = b'{"jobs": "'
    sent: int = 0

    def read(self) -> bytes:
        chunk = (self.begin if not self.sent else b"x" * self.size)[: self.size]
        self.sent += len(chunk)
        if self.sent > MOST_BYTES:
            raise TooMuch(f"more than {MOST_BYTES} bytes of one reply are read")
        return chunk


MOST_BYTES = 256 * 1024**2


class TooMuch(BaseException):
    """An endless reply is read forever. No ``except Exception`` of the code under test catches this."""


@dataclass
class Reply:
    """The answer to a request."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes | Stream


@dataclass
class Request:
    method: str
    target: str
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Peer(Protocol):
    """The other side: answers a request (``None``: closes the connection), and lets time pass."""

    def serve(self, request: Request, timeout: float | None) -> Reply | None:
        """Answer a request."""

    def sleep(self, seconds: float) -> None:
        """Advance the time."""


class Socket:
    """One connection for one request."""

    def __init__(self, peer: Peer, timeout: float | None) -> None:
        self._peer, self._sent = peer, bytearray()
        self._reply: Reply | None = None
        self._left = b""
        self.settimeout(timeout)

    def settimeout(self, seconds: float | None) -> None:
        if seconds is not None and not 0 <= seconds < _LONGEST_TIMEOUT:
            raise (
                OverflowError("timeout doesn't fit into C timeval")
                if seconds > 0
                else ValueError("Timeout value out of range")
            )
        self._timeout = seconds

    def gettimeout(self) -> float | None:
        return self._timeout

    def sendall(self, data: bytes) -> None:
        self._sent += data

    def setsockopt(self, *_unused: Any) -> None:
        """Nothing to set."""

    def shutdown(self, *_unused: Any) -> None:
        """Nothing is buffered."""

    def close(self) -> None:
        """Nothing to release."""

    def makefile(self, _mode: str = "rb", buffering: int = -1, **_unused: Any) -> Any:
        raw = _File(self)
        return raw if buffering == 0 else io.BufferedReader(raw)

    def receive(self, size: int) -> bytes:
        """Return the next bytes, none at the end. Raises like a socket."""
        if self._reply is None:
            self._reply = self._peer.serve(_parsed(bytes(self._sent)), self._timeout)
            if self._reply is None:
                raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
            self._left = _head(self._reply) + (self._reply.body if isinstance(self._reply.body, bytes) else b"")
        if not self._left and isinstance(self._reply.body, Stream):
            self._wait(self._reply.body.seconds)
            self._left = self._reply.body.read()
        chunk, self._left = self._left[:size], self._left[size:]
        return chunk

    def _wait(self, seconds: float) -> None:
        if self._timeout is not None and seconds > self._timeout:
            self._peer.sleep(self._timeout)
            raise TimeoutError("timed out")
        self._peer.sleep(seconds)


class _File(io.RawIOBase):
    def __init__(self, socket: Socket) -> None:
        self._socket = socket

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._socket.receive(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _parsed(data: bytes) -> Request:
    head, _blank, body = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, target, _version = first.decode("latin-1").split(" ")
    headers = [
        (name.strip().lower(), value.strip()) for name, _colon, value in (line.partition(b":") for line in lines)
    ]
    return Request(method, target, headers, body)


def _head(reply: Reply) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} ", "connection: close", *(f"{name}: {value}" for name, value in reply.headers)]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1", "replace") + b"\r\n"


class Exchange:
    """One request in an ASGI application, which may continue after the client has given up."""

    def __init__(self, application: Callable[..., Any], request: Request) -> None:
        self._application, self._request = application, request
        self._asked = False
        self._status: int | None = None
        self._headers: list[tuple[str, str]] = []
        self._parts: list[bytes] = []
        self._gone = asyncio.Event()

    async def run(self, timeout: float | None) -> Reply | None:
        """Return the reply, ``None`` if the connection was closed without one. Raises TimeoutError if none comes in
        time."""
        task = asyncio.ensure_future(self._application(self._scope(), self._receive, self._send))
        done, _pending = await asyncio.wait([task], timeout=timeout)
        if not done:
            self._gone.set()
            raise TimeoutError("timed out")
        task.result()
        return None if self._status is None else Reply(self._status, self._headers, b"".join(self._parts))

    def _scope(self) -> dict[str, Any]:
        path, _mark, query = self._request.target.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self._request.method,
            "scheme": "https",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": self._request.headers,
            "client": ("127.0.0.1", 40000),
            "server": ("platform.invalid", 8002),
            "extensions": {},
            "state": {},
        }

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self._request.body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
        elif message["type"] == "http.response.body":
            self._parts.append(message.get("body", b""))
