# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One HTTP exchange with the platform, and what is known when there is no reply.

Each exchange has limits, whatever the other side sends: a time for each wait and for the whole (``Connection.timeout``
and ``Connection.budget``), and ``LARGEST_REPLY`` for the body.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import io
import json
import re
import socket
import ssl
import time
import traceback
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from ..util.values import as_str
from .connection import Connection
from .errors import InputError

try:
    import requests
    import urllib3
except ImportError:  # pragma: no cover
    HAS_REQUESTS = False
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    HAS_REQUESTS = True
    REQUESTS_IMPORT_ERROR = None

USER_AGENT = "ansible-gaussdb.tpops"

# Bytes of a body, after it is unpacked. The largest replies are reports and long series of metrics, of some megabytes.
LARGEST_REPLY = 32 * 1024 * 1024
# What may come over the wire for it, together with headers and the marks between chunks.
_LARGEST_WIRE = 2 * LARGEST_REPLY
_CHUNK = 64 * 1024

# Reasons of OpenSSL that can only come up while a connection is made. Every other TLS error might be one of a
# connection over which the request went already.
_HANDSHAKE_REASONS = frozenset(
    {
        "CERTIFICATE_VERIFY_FAILED",
        "DH_KEY_TOO_SMALL",
        "HTTP_REQUEST",
        "NO_CERTIFICATE_OR_CRL_FOUND",
        "NO_PROTOCOLS_AVAILABLE",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
        "UNSUPPORTED_PROTOCOL",
        "WRONG_VERSION_NUMBER",
    }
)

# What Python makes of bytes that are no UTF-8.
_SURROGATE = re.compile("[\ud800-\udfff]")

# ``isdigit`` would take "²" for one, which is no number.
_DIGITS = re.compile("[0-9]{1,15}")

_ERRNO = re.compile(r"\[Errno (-?\d+)\] ([\w ,]+)")

_TUNNEL = re.compile(r"Tunnel connection failed: ?(.{0,100})")

_SOCKS_ANSWER = re.compile(r"(?:0x[0-9a-f]{2}: |SOCKS)[\w ,()./-]{0,100}", re.IGNORECASE)

_UNRESOLVED = "the host name cannot be resolved"
_REFUSED = "the connection was refused"

_PROXY_HINT = (
    "A proxy from the environment (HTTPS_PROXY, ALL_PROXY) is in use; NO_PROXY names hosts that are reached without it."
)

_SOCKS_HINT = f"A SOCKS proxy needs the Python library PySocks. {_PROXY_HINT}"

# What to do about a certificate that is not accepted, by OpenSSL's number of the reason.
_UNKNOWN_ISSUER = (
    "Give the certificate of the authority that signed the platform's certificate as ca_path; validate_certs=false "
    "turns the check off."
)
_WRONG_NAME = (
    "Use a host name or an address that the certificate names as endpoint; validate_certs=false turns the check off."
)
_WRONG_TIME = "Have the platform's certificate renewed, and check the date and time of the machine that this runs on."
_TOO_WEAK = "Have the platform's certificate issued again, with a stronger key or signature."
_TOO_STRICT = (
    "The certificate, or that of its authority, does not follow the standard (RFC 5280), which Python checks from 3.13 "
    "on. Have it"
    " issued again with what is missing; until then run this with Python 3.12 or earlier, or with validate_certs=false."
)
_OTHER_CERTIFICATE = (
    "Check the platform's certificate, for example with openssl s_client; validate_certs=false turns the check off."
)
_CERTIFICATE_HINTS: Mapping[int, str] = {
    **dict.fromkeys((2, 18, 19, 20, 21, 24, 79), _UNKNOWN_ISSUER),
    **dict.fromkeys((9, 10), _WRONG_TIME),
    **dict.fromkeys((62, 64), _WRONG_NAME),
    **dict.fromkeys((66, 67, 68), _TOO_WEAK),
    **dict.fromkeys(range(80, 95), _TOO_STRICT),
}

_CA_HINT = "Check that ca_path, or REQUESTS_CA_BUNDLE, is a readable file with certificates in PEM format."
_NO_TLS_HINT = "Check the port of endpoint (8002 by default): what answers there does not speak TLS."
_TLS_HINT = "Check that endpoint is the address of the platform, and that both sides allow the same versions of TLS."


@dataclass(frozen=True)
class Response:
    """A reply as it came over the wire, of whatever status. Its headers are found in any spelling of upper and lower
    case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    @property
    def trace_id(self) -> str | None:
        """What the platform's log is searched for."""
        return self.headers.get("X-TRACE-ID") or self.headers.get("X-Request-Id")

    @property
    def media_type(self) -> str:
        return (self.headers.get("Content-Type") or "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Lost:
    """There is no usable reply.

    ``sent`` is false only when it is proven that the platform has not got the request. ``passing`` is true when the
    same request may well succeed later. ``under_way`` is true when the platform may still be working on it.
    ``response`` is set when there was a reply of success that cannot be read.
    """

    reason: str
    sent: bool
    passing: bool
    hint: str | None = None
    response: Response | None = None
    under_way: bool = False


class Transport:
    """Sends single requests over one session and never raises for a network fault.

    The environment has a say in one thing only, the proxy: the session does not trust it, so that neither a CA bundle
    named there nor a ``.netrc`` changes what the options say, and the proxy variables are looked up explicitly.
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
        """Send one request to ``/rds`` + path, or to an address of its own; a body that is not ``None`` goes as
        JSON."""
        payload = None if body is None else _encoded(body)
        session = self._open()
        self.requests_sent += 1
        # The reference wants a Content-Type with every request, with or without a body.
        own = {"Content-Type": "application/json", "Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": USER_AGENT}
        self._deadline = self._clock() + self._connection.budget
        begun: Response | None = None
        try:
            with warnings.catch_warnings():
                if self._connection.verify is False:
                    # Who turns the check off knows it; a warning with every request helps nobody.
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
            # Described and dropped: the exception refers to the request with its token.
            causes = list(_causes(exc))
            if self._clock() >= self._deadline and _first(causes, urllib3.exceptions.ReadTimeoutError, TimeoutError):
                return Lost(
                    f"the reply was not complete within {self._connection.budget:g} seconds", sent=True, passing=True
                )
            if _first(causes, _TooLarge):
                return Lost(
                    f"the reply is larger than {LARGEST_REPLY // 1024**2} MiB", sent=True, passing=False, response=begun
                )
            return _lost(causes, self._connection, self._proxy)

    def close(self) -> None:
        """Close the session; a later request opens a new one."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _open(self) -> Any:
        # Not in the constructor: a session must not be shared over a fork.
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
        """Return how many seconds to wait for the next bytes. Raises :class:`TimeoutError` when the exchange has taken
        too long."""
        left = self._deadline - self._clock()
        if left <= 0:
            raise TimeoutError("the exchange takes too long")
        return min(left, self._connection.timeout)

    @property
    def _proxy(self) -> str | None:
        """The proxy in use, as people may see it: its address may hold a password."""
        address = requests.utils.select_proxy(self._connection.url, self._proxies)
        try:
            parts = urlsplit(requests.utils.prepend_scheme_if_needed(address, "http") if address else "")
            place = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
        except ValueError:
            return None
        return f"{parts.scheme}://{place}" if place else None


if HAS_REQUESTS:

    class _Session(requests.Session):
        """A session that looks at no redirect: the library reads the whole reply and its address even when it is not to
        follow it."""

        def get_redirect_target(self, _response: Any) -> None:
            return None

    class _BoundedAdapter(requests.adapters.HTTPAdapter):
        """Makes connections whose replies are read with limits, from the first byte of the first header on.

        A timeout of the HTTP libraries starts anew with every byte, so that they wait for ever for a reply that drips.
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
                    return http.client.HTTPResponse(_BoundedSocket(sock, patience), *args, **options)  # type: ignore[arg-type]

                connection = type("Connection", (pool.ConnectionCls,), {"response_class": staticmethod(response)})
                bounded = type("Pool", (_BoundedPool, pool), {"ConnectionCls": connection})
                manager.pool_classes_by_scheme = {**manager.pool_classes_by_scheme, "https": bounded}
            return manager


class _BoundedPool:
    """Marks the pools that have such connections."""


class _BoundedSocket:
    """What :class:`http.client.HTTPResponse` wants of a socket: a file to read from, here one with limits."""

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
            length = self._file.readinto(buffer)
        finally:
            # The connection is used again.
            self._sock.settimeout(usual)
        self._received += length or 0
        return length

    def close(self) -> None:
        self._file.close()
        super().close()


class _TooLarge(OSError):
    """The other side sends more than any reply holds."""


def _encoded(body: Any) -> bytes:
    text = json.dumps(body, ensure_ascii=False)
    if _SURROGATE.search(text):
        # Left to the codec, the error would quote the whole body.
        raise InputError("A value holds bytes that are not UTF-8")
    return text.encode()


def _parameters(query: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: [as_str(item) for item in value] if isinstance(value, (list, tuple)) else as_str(value)
        for name, value in query.items()
    }


def _received(begun: Response, chunks: Iterator[bytes]) -> Response | Lost:
    """Read the body of a reply that has begun and return the whole, or say why it cannot be read."""
    headers, content = begun.headers, bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > LARGEST_REPLY:
            # The error keeps this frame, and what is in it, until the collector comes by.
            content.clear()
            raise _TooLarge()
    announced = headers.get("Content-Length") or ""
    # Versions of urllib3 before 2 hand over a body that was cut off as if it were whole.
    if _DIGITS.fullmatch(announced) and len(content) < int(announced):
        return Lost("the reply was cut off", sent=True, passing=True, response=begun)
    encoding = (headers.get("Content-Encoding") or "identity").strip().lower()
    if encoding in ("gzip", "x-gzip"):
        try:
            return replace(begun, content=_unzipped(bytes(content)))
        except (zlib.error, EOFError):
            return Lost("the reply cannot be unpacked", sent=True, passing=True, response=begun)
    if encoding != "identity" and content:
        return Lost("the reply is packed in a way that was not asked for", sent=True, passing=False, response=begun)
    return replace(begun, content=bytes(content))


def _unzipped(packed: bytes) -> bytes:
    """Return what gzip has packed, in one part or more, up to the largest size of a reply."""
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


def _causes(exc: Any, seen: set[int] | None = None) -> Iterator[BaseException]:
    """Yield an exception and all that it was made from: requests wraps urllib3's, which wrap those of ssl and socket.

    ``__context__`` is no part of it: that may be an older, unrelated exception which the caller is handling just now.
    """
    seen = set() if seen is None else seen
    if not isinstance(exc, BaseException) or id(exc) in seen:
        return
    seen.add(id(exc))
    yield exc
    for inner in (*exc.args, getattr(exc, "reason", None), getattr(exc, "original_error", None), exc.__cause__):
        yield from _causes(inner, seen)


def _first(causes: list[BaseException], *kinds: Any) -> Any:
    return next((exc for exc in causes if isinstance(exc, kinds)), None)


def _lost(causes: list[BaseException], connection: Connection, proxy: str | None) -> Lost:
    def first(*kinds: Any) -> Any:
        return _first(causes, *kinds)

    seconds = f"{connection.timeout:g} seconds"
    proxy_hint = _PROXY_HINT if proxy else None
    unsendable = (
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidHeader,
        urllib3.exceptions.LocationValueError,
    )
    if first(*unsendable, http.client.InvalidURL, UnicodeError):
        return Lost(
            "the HTTP library refuses the address, a header or the proxy", sent=False, passing=False, hint=proxy_hint
        )
    if first(requests.exceptions.InvalidSchema):
        return Lost("the HTTP library does not know this kind of proxy", sent=False, passing=False, hint=_SOCKS_HINT)
    by_proxy = _lost_to_proxy(causes, proxy)
    if by_proxy is not None:
        return by_proxy
    if first(socket.gaierror, getattr(urllib3.exceptions, "NameResolutionError", socket.gaierror)):
        return Lost(_UNRESOLVED, sent=False, passing=True, hint=proxy_hint)
    if first(ConnectionRefusedError):
        return Lost(_REFUSED, sent=False, passing=True, hint=proxy_hint)
    if first(urllib3.exceptions.NewConnectionError):
        reason = _system_reason(first(urllib3.exceptions.NewConnectionError))
        return Lost(reason, sent=False, passing=True, hint=proxy_hint)
    if first(urllib3.exceptions.ConnectTimeoutError):
        return Lost(f"no connection was made within {seconds}", sent=False, passing=True, hint=proxy_hint)
    if first(urllib3.exceptions.ReadTimeoutError):
        return Lost(f"no reply came within {seconds}", sent=True, passing=True, under_way=True)
    if first(ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError, http.client.RemoteDisconnected):
        return Lost("the connection was closed before the reply was complete", sent=True, passing=True)
    if first(FileNotFoundError, PermissionError, IsADirectoryError) or any(
        "CA certificate bundle" in str(exc) for exc in causes
    ):
        return Lost("the CA certificates cannot be read", sent=False, passing=False, hint=_CA_HINT)
    if first(ssl.SSLError, urllib3.exceptions.SSLError):
        # Before version 2 urllib3 has its own error, in a place of its own, for a certificate of another host.
        mismatch = next((exc for exc in causes if type(exc).__name__ == "CertificateError"), None)
        return _lost_to_tls(mismatch or first(ssl.SSLError))
    if first(
        requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError, http.client.IncompleteRead
    ):
        return Lost("the reply was cut off", sent=True, passing=True)
    if first(http.client.HTTPException):
        return Lost(
            f"what came back is not HTTP ({type(first(http.client.HTTPException)).__name__})", sent=True, passing=True
        )
    return Lost(f"the connection failed ({type(causes[0]).__name__})", sent=True, passing=True)


def _lost_to_proxy(causes: list[BaseException], proxy: str | None) -> Lost | None:
    """Return what is known when the proxy, and not the platform, is at fault: nothing has reached the platform then."""
    # The innermost error has the proxy's own words.
    answers = [match[1] for exc in causes if isinstance(exc, OSError) and (match := _TUNNEL.search(str(exc)))]
    if answers:
        return Lost(
            f"{_named(proxy)} refuses to connect to the platform ({answers[-1]})",
            sent=False,
            passing=False,
            hint=_PROXY_HINT,
        )
    unmade = _first(causes, urllib3.exceptions.NewConnectionError)
    if unmade is not None and (proxy or "").startswith("socks"):
        # Of what the proxy said, urllib3 keeps only the text.
        answer = _SOCKS_ANSWER.search(str(unmade))
        if answer is not None:
            return Lost(
                f"{_named(proxy)} refuses to connect to the platform ({answer[0]})",
                sent=False,
                passing=True,
                hint=_PROXY_HINT,
            )
        return Lost(f"{_named(proxy)} cannot be reached", sent=False, passing=True, hint=_PROXY_HINT)
    wrapped = _first(causes, urllib3.exceptions.ProxyError)
    unreachable = unmade or _first(
        causes, socket.gaierror, ConnectionRefusedError, urllib3.exceptions.ConnectTimeoutError
    )
    if wrapped is not None and unreachable is not None:
        return Lost(f"{_named(proxy)} cannot be reached", sent=False, passing=True, hint=_PROXY_HINT)
    if (
        wrapped is not None
        and _first(causes, ssl.SSLError, urllib3.exceptions.SSLError)
        and (proxy or "").startswith("https:")
    ):
        return Lost(f"TLS failed with {_named(proxy)}", sent=False, passing=False, hint=_PROXY_HINT)
    return None


def _named(proxy: str | None) -> str:
    return f"the proxy {proxy}" if proxy else "the proxy"


def _lost_to_tls(error: BaseException | None) -> Lost:
    if isinstance(error, ssl.SSLCertVerificationError) or type(error).__name__ == "CertificateError":
        hint = _CERTIFICATE_HINTS.get(getattr(error, "verify_code", 62), _OTHER_CERTIFICATE)
        problem = str(getattr(error, "verify_message", error)).rstrip(".")
        return Lost(f"the server's certificate is not accepted: {problem}", sent=False, passing=False, hint=hint)
    reason = getattr(error, "reason", None) or "unknown reason"
    hint = {
        "NO_CERTIFICATE_OR_CRL_FOUND": _CA_HINT,
        "WRONG_VERSION_NUMBER": _NO_TLS_HINT,
        "HTTP_REQUEST": _NO_TLS_HINT,
    }.get(reason, _TLS_HINT)
    return Lost(f"TLS failed ({reason})", sent=reason not in _HANDSHAKE_REASONS, passing=False, hint=hint)


def _system_reason(error: Exception) -> str:
    # Versions of urllib3 before 2 keep of the original error only its text. The resolver's numbers are negative.
    match = _ERRNO.search(str(error))
    if match is None:
        return "no connection could be made"
    number = int(match.group(1))
    return _UNRESOLVED if number < 0 else _REFUSED if number == errno.ECONNREFUSED else match.group(2)
