# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One HTTP exchange with the platform, which never raises for a network fault.

Each exchange has limits, independent of the other side: a time for each wait and for the whole (``Connection.timeout``
and ``Connection.budget``), and ``LARGEST_REPLY`` for the body.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import re
import time
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ..util.values import as_str
from .connection import Connection
from .errors import InputError
from .outcomes import HAS_REQUESTS, Lost, Response, causes_of, explain, first_of

# Without them the runner reports what is missing.
if HAS_REQUESTS:
    import requests
    import urllib3

USER_AGENT = "ansible-gaussdb.tpops"

# Bytes of a body after decompression. The largest replies are reports and long series of metrics, of some megabytes.
LARGEST_REPLY = 32 * 1024 * 1024
# Maximum bytes on the wire, including headers and chunk markers.
_LARGEST_WIRE = 2 * LARGEST_REPLY
_CHUNK = 64 * 1024


# Python's replacement for bytes that are not UTF-8.
_SURROGATE = re.compile("[\ud800-\udfff]")

# ``isdigit`` would accept "²", which is not a number.
_DIGITS = re.compile("[0-9]{1,15}")


class Transport:
    """Sends single requests over one session and never raises for a network fault.

    Only the proxy comes from the environment: the session does not trust it, so neither a CA bundle set there nor a
    ``.netrc`` overrides the options, and the proxy variables are read explicitly.
    """

    def __init__(
        self, connection: Connection, session_factory: Any = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connection = connection
        self._session_factory = session_factory or self._new_session
        self._session: Any = None
        self._proxies: dict[str, str] = {}
        self._clock = clock
        self._deadline = 0.0
        self.requests_sent = 0

    def exchange(
        self, method: str, path: str, query: Mapping[str, Any], body: Any, headers: Mapping[str, str]
    ) -> Response | Lost:
        """Send one request to ``/rds`` + path, or to a full address; a body that is not ``None`` is sent as JSON."""
        payload = None if body is None else _encoded(body)
        session = self._open()
        self.requests_sent += 1
        # The reference requires a Content-Type for every request, with or without a body.
        own = {"Content-Type": "application/json", "Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": USER_AGENT}
        self._deadline = self._clock() + self._connection.budget
        begun: Response | None = None
        try:
            with warnings.catch_warnings():
                if self._connection.verify is False:
                    # Users who disable validation know it; a warning for every request does not help.
                    warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
                raw = session.request(
                    method,
                    path if path.startswith("https://") else self._connection.url + path,
                    params=_parameters(query),
                    data=payload,
                    headers={**own, **headers},
                    timeout=self._connection.timeout,
                    verify=self._connection.verify,
                    proxies=self._proxies,
                    allow_redirects=False,
                    stream=True,
                )
            with contextlib.closing(raw):
                begun = Response(raw.status_code, raw.headers, b"")
                return _received(begun, raw.raw.stream(_CHUNK, decode_content=False))
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            http.client.HTTPException,
            OSError,
            ValueError,
        ) as exc:
            # Only its description is kept: the exception refers to the request with its token.
            causes = list(causes_of(exc))
            if self._clock() >= self._deadline and first_of(causes, urllib3.exceptions.ReadTimeoutError, TimeoutError):
                return Lost(
                    f"the reply was not complete within {self._connection.budget:g} seconds", sent=True, transient=True
                )
            if first_of(causes, _TooLarge):
                return Lost(
                    f"the reply is larger than {LARGEST_REPLY // 1024**2} MiB",
                    sent=True,
                    transient=False,
                    response=begun,
                )
            return explain(causes, self._connection, self._proxy)

    def close(self) -> None:
        """Close the session; a later request opens a new one."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _open(self) -> Any:
        # Not in the constructor: a session must not be shared across a fork.
        if self._session is None:
            self._session = self._session_factory()
            self._session.trust_env = False
            self._proxies = requests.utils.get_environ_proxies(self._connection.url)
        return self._session

    def _new_session(self) -> Any:
        session = _Session()
        session.mount("https://", _BoundedAdapter(self._patience))
        return session

    def _patience(self) -> float:
        """Return how many seconds to wait for the next bytes. Raises :class:`TimeoutError` if the exchange takes too
        long."""
        left = self._deadline - self._clock()
        if left <= 0:
            raise TimeoutError("the exchange takes too long")
        return min(left, self._connection.timeout)

    @property
    def _proxy(self) -> str | None:
        """The proxy in use, fit for output: its address may contain a password."""
        address = requests.utils.select_proxy(self._connection.url, self._proxies)
        try:
            parts = urlsplit(requests.utils.prepend_scheme_if_needed(address, "http") if address else "")
            place = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
        except ValueError:
            return None
        return f"{parts.scheme}://{place}" if place else None


if HAS_REQUESTS:

    class _Session(requests.Session):
        """A session that ignores redirects: the library reads the whole reply and its address even if it must not
        follow it."""

        def get_redirect_target(self, _response: Any) -> None:
            return None

    class _BoundedAdapter(requests.adapters.HTTPAdapter):
        """Creates connections whose replies are read with limits, from the first header byte on.

        A timeout of the HTTP libraries restarts with every byte, so they wait forever for a reply that trickles in.
        """

        def __init__(self, patience: Callable[[], float]) -> None:
            self._patience = patience
            super().__init__()

        def init_poolmanager(self, *args: Any, **options: Any) -> None:
            super().init_poolmanager(*args, **options)
            self._bound(self.poolmanager)

        def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
            return self._bound(super().proxy_manager_for(*args, **options))

        def _bound(self, manager: Any) -> Any:
            pool = manager.pool_classes_by_scheme["https"]
            if not issubclass(pool, _BoundedPool):
                patience = self._patience

                def response(sock: Any, *args: Any, **options: Any) -> http.client.HTTPResponse:
                    # It only uses `makefile` of a socket, in every Python so far.
                    return http.client.HTTPResponse(_BoundedSocket(sock, patience), *args, **options)  # type: ignore[arg-type]

                connection = type("Connection", (pool.ConnectionCls,), {"response_class": staticmethod(response)})
                bounded = type("Pool", (_BoundedPool, pool), {"ConnectionCls": connection})
                manager.pool_classes_by_scheme = {**manager.pool_classes_by_scheme, "https": bounded}
            return manager


class _BoundedPool:
    """Marks the pools that have such connections."""


class _BoundedSocket:
    """What :class:`http.client.HTTPResponse` needs of a socket: a file to read from, here with limits."""

    def __init__(self, sock: Any, patience: Callable[[], float]) -> None:
        self._sock, self._patience = sock, patience

    def makefile(self, *_args: Any) -> io.BufferedReader:
        return io.BufferedReader(_BoundedFile(self._sock, self._patience))


class _BoundedFile(io.RawIOBase):
    def __init__(self, sock: Any, patience: Callable[[], float]) -> None:
        self._sock, self._patience, self._received = sock, patience, 0
        self._file = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._received > _LARGEST_WIRE:
            raise _TooLarge()
        usual = self._sock.gettimeout()
        self._sock.settimeout(self._patience())
        try:
            length: int | None = self._file.readinto(buffer)
        finally:
            # The connection is used again.
            self._sock.settimeout(usual)
        self._received += length or 0
        return length

    def close(self) -> None:
        self._file.close()
        super().close()


class _TooLarge(OSError):
    """The other side sends more than any valid reply."""


def _encoded(body: Any) -> bytes:
    text = json.dumps(body, ensure_ascii=False)
    if _SURROGATE.search(text):
        # The codec's own error would quote the whole body.
        raise InputError("body", "a value contains bytes that are not UTF-8")
    return text.encode()


def _parameters(query: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: [as_str(item) for item in value] if isinstance(value, (list, tuple)) else as_str(value)
        for name, value in query.items()
    }


def _received(begun: Response, chunks: Iterator[bytes]) -> Response | Lost:
    """Read the body of a reply and return all of it, or the reason why it cannot be read."""
    headers, content = begun.headers, bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > LARGEST_REPLY:
            # The error keeps this frame and its variables until garbage collection.
            content.clear()
            raise _TooLarge()
    announced = headers.get("Content-Length") or ""
    # Before version 2 urllib3 returns a truncated body as if it were complete.
    if _DIGITS.fullmatch(announced) and len(content) < int(announced):
        return Lost("the reply was cut off", sent=True, transient=True, response=begun)
    encoding = (headers.get("Content-Encoding") or "identity").strip().lower()
    if encoding in ("gzip", "x-gzip"):
        try:
            return replace(begun, content=_unzipped(bytes(content)))
        except (zlib.error, EOFError):
            return Lost("the reply cannot be decompressed", sent=True, transient=True, response=begun)
    if encoding != "identity" and content:
        return Lost("the reply has a compression that was not requested", sent=True, transient=False, response=begun)
    return replace(begun, content=bytes(content))


def _unzipped(packed: bytes) -> bytes:
    """Return gzip data of one or more members decompressed, up to the largest size of a reply."""
    content = b""
    while packed:
        part = zlib.decompressobj(zlib.MAX_WBITS | 16)
        content += part.decompress(packed, LARGEST_REPLY + 1 - len(content))
        if len(content) > LARGEST_REPLY:
            content = b""
            raise _TooLarge()
        if not part.eof:
            raise EOFError
        packed = part.unused_data
    return content
