# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The outcome of an exchange: a response, or the reason why there is none and whether the request was sent."""

from __future__ import annotations

import errno
import http.client
import re
import socket
import ssl
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .connection import Connection

try:
    import requests
    import urllib3
except ImportError:  # pragma: no cover
    HAS_REQUESTS = False
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    HAS_REQUESTS = True
    REQUESTS_IMPORT_ERROR = None

# OpenSSL reasons that only occur while connecting. Any other TLS error may occur after the request was sent.
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

_ERRNO = re.compile(r"\[Errno (-?\d+)\] ([\w ,]+)")

_TUNNEL = re.compile(r"Tunnel connection failed: ?(.{0,100})")

_SOCKS_ANSWER = re.compile(r"(?:0x[0-9a-f]{2}: |SOCKS)[\w ,()./-]{0,100}", re.IGNORECASE)

_UNRESOLVED = "the host name cannot be resolved"

_REFUSED = "the connection was refused"

_PROXY_HINT = (
    "A proxy from the environment (HTTPS_PROXY, ALL_PROXY) is in use; NO_PROXY lists hosts to reach without it."
)

_SOCKS_HINT = f"A SOCKS proxy needs the Python library PySocks. {_PROXY_HINT}"

# Advice for a rejected certificate, by OpenSSL's number of the reason.
_UNKNOWN_ISSUER = (
    "Set ca_path to the certificate of the CA that signed the platform's certificate; validate_certs=false "
    "disables validation."
)

_WRONG_NAME = (
    "Use a host name or an address that the certificate lists as endpoint; validate_certs=false disables validation."
)

_WRONG_TIME = "Renew the platform's certificate, and check the date and time of this machine."

_TOO_WEAK = "Reissue the platform's certificate with a stronger key or signature."

_TOO_STRICT = (
    "The certificate or its CA's does not follow RFC 5280, which Python 3.13 and later checks. "
    "Reissue it"
    " with the missing parts; until then use Python 3.12 or earlier, or validate_certs=false."
)

_OTHER_CERTIFICATE = (
    "Check the platform's certificate, for example with openssl s_client; validate_certs=false disables validation."
)

_CERTIFICATE_HINTS: Mapping[int, str] = {
    **dict.fromkeys((2, 18, 19, 20, 21, 24, 79), _UNKNOWN_ISSUER),
    **dict.fromkeys((9, 10), _WRONG_TIME),
    **dict.fromkeys((62, 64), _WRONG_NAME),
    **dict.fromkeys((66, 67, 68), _TOO_WEAK),
    **dict.fromkeys(range(80, 95), _TOO_STRICT),
}

_CA_HINT = "Check that ca_path, or REQUESTS_CA_BUNDLE, is a readable file with certificates in PEM format."

_NO_TLS_HINT = "Check the port of endpoint (8002 by default): the server there does not use TLS."

_TLS_HINT = "Check that endpoint is the address of the platform, and that both sides support a common TLS version."


@dataclass(frozen=True)
class Response:
    """A reply as received, with any status. Its header names are case-insensitive."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    @property
    def trace_id(self) -> str | None:
        """The ID to search the platform's log for."""
        return self.headers.get("X-TRACE-ID") or self.headers.get("X-Request-Id")

    @property
    def media_type(self) -> str:
        return (self.headers.get("Content-Type") or "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Lost:
    """There is no usable reply.

    ``sent`` is only false if the platform certainly did not receive the request. ``transient`` is true if the same
    request may succeed later. ``under_way`` is true when the platform may still be working on it. ``response`` is set
    if there was a successful reply that cannot be read.
    """

    reason: str
    sent: bool
    transient: bool
    hint: str | None = None
    response: Response | None = None
    under_way: bool = False


def causes_of(exc: Any, seen: set[int] | None = None) -> Iterator[BaseException]:
    """Yield an exception and all that it wraps: requests wraps urllib3's, which wrap those of ssl and socket.

    ``__context__`` is not used: it may be an unrelated exception that the caller is handling.
    """
    seen = set() if seen is None else seen
    if not isinstance(exc, BaseException) or id(exc) in seen:
        return
    seen.add(id(exc))
    yield exc
    for inner in (*exc.args, getattr(exc, "reason", None), getattr(exc, "original_error", None), exc.__cause__):
        yield from causes_of(inner, seen)


def first_of(causes: list[BaseException], *kinds: Any) -> Any:
    return next((exc for exc in causes if isinstance(exc, kinds)), None)


def explain(causes: list[BaseException], connection: Connection, proxy: str | None) -> Lost:
    def first(*kinds: Any) -> Any:
        return first_of(causes, *kinds)

    seconds = f"{connection.timeout:g} seconds"
    proxy_hint = _PROXY_HINT if proxy else None
    unsendable = (
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidHeader,
        urllib3.exceptions.LocationValueError,
    )
    if first(*unsendable, http.client.InvalidURL, UnicodeError):
        return Lost(
            "the HTTP library rejects the address, a header or the proxy", sent=False, transient=False, hint=proxy_hint
        )
    if first(requests.exceptions.InvalidSchema):
        return Lost("the HTTP library does not support this proxy type", sent=False, transient=False, hint=_SOCKS_HINT)
    by_proxy = _lost_to_proxy(causes, proxy)
    if by_proxy is not None:
        return by_proxy
    if first(socket.gaierror, getattr(urllib3.exceptions, "NameResolutionError", socket.gaierror)):
        return Lost(_UNRESOLVED, sent=False, transient=True, hint=proxy_hint)
    if first(ConnectionRefusedError):
        return Lost(_REFUSED, sent=False, transient=True, hint=proxy_hint)
    if first(urllib3.exceptions.NewConnectionError):
        reason = _system_reason(first(urllib3.exceptions.NewConnectionError))
        return Lost(reason, sent=False, transient=True, hint=proxy_hint)
    if first(urllib3.exceptions.ConnectTimeoutError):
        return Lost(f"no connection was established within {seconds}", sent=False, transient=True, hint=proxy_hint)
    if first(urllib3.exceptions.ReadTimeoutError):
        return Lost(f"no reply came within {seconds}", sent=True, transient=True, under_way=True)
    if first(ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError, http.client.RemoteDisconnected):
        return Lost("the connection was closed before the reply was complete", sent=True, transient=True)
    if first(FileNotFoundError, PermissionError, IsADirectoryError) or any(
        "CA certificate bundle" in str(exc) for exc in causes
    ):
        return Lost("the CA certificates cannot be read", sent=False, transient=False, hint=_CA_HINT)
    if first(ssl.SSLError, urllib3.exceptions.SSLError):
        # Before version 2 urllib3 has its own error, in its own module, for a certificate of another host.
        mismatch = next((exc for exc in causes if type(exc).__name__ == "CertificateError"), None)
        return _lost_to_tls(mismatch or first(ssl.SSLError))
    if first(
        requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError, http.client.IncompleteRead
    ):
        return Lost("the reply was cut off", sent=True, transient=True)
    if first(http.client.HTTPException):
        return Lost(
            f"the reply is not HTTP ({type(first(http.client.HTTPException)).__name__})", sent=True, transient=True
        )
    return Lost(f"the connection failed ({type(causes[0]).__name__})", sent=True, transient=True)


def _lost_to_proxy(causes: list[BaseException], proxy: str | None) -> Lost | None:
    """Return the failure if the proxy, not the platform, is at fault: then nothing has reached the platform."""
    # The innermost error has the proxy's own message.
    answers = [match[1] for exc in causes if isinstance(exc, OSError) and (match := _TUNNEL.search(str(exc)))]
    if answers:
        return Lost(
            f"{_named(proxy)} refuses to connect to the platform ({answers[-1]})",
            sent=False,
            transient=False,
            hint=_PROXY_HINT,
        )
    unmade = first_of(causes, urllib3.exceptions.NewConnectionError)
    if unmade is not None and (proxy or "").startswith("socks"):
        # Of the proxy's reply, urllib3 only keeps the text.
        answer = _SOCKS_ANSWER.search(str(unmade))
        if answer is not None:
            return Lost(
                f"{_named(proxy)} refuses to connect to the platform ({answer[0]})",
                sent=False,
                transient=True,
                hint=_PROXY_HINT,
            )
        return Lost(f"{_named(proxy)} cannot be reached", sent=False, transient=True, hint=_PROXY_HINT)
    wrapped = first_of(causes, urllib3.exceptions.ProxyError)
    unreachable = unmade or first_of(
        causes, socket.gaierror, ConnectionRefusedError, urllib3.exceptions.ConnectTimeoutError
    )
    if wrapped is not None and unreachable is not None:
        return Lost(f"{_named(proxy)} cannot be reached", sent=False, transient=True, hint=_PROXY_HINT)
    if (
        wrapped is not None
        and first_of(causes, ssl.SSLError, urllib3.exceptions.SSLError)
        and (proxy or "").startswith("https:")
    ):
        return Lost(f"TLS failed with {_named(proxy)}", sent=False, transient=False, hint=_PROXY_HINT)
    return None


def _named(proxy: str | None) -> str:
    return f"the proxy {proxy}" if proxy else "the proxy"


def _lost_to_tls(error: BaseException | None) -> Lost:
    if isinstance(error, ssl.SSLCertVerificationError) or type(error).__name__ == "CertificateError":
        hint = _CERTIFICATE_HINTS.get(getattr(error, "verify_code", 62), _OTHER_CERTIFICATE)
        problem = str(getattr(error, "verify_message", error)).rstrip(".")
        return Lost(f"the server's certificate is not valid: {problem}", sent=False, transient=False, hint=hint)
    reason = getattr(error, "reason", None) or "unknown reason"
    hint = {
        "NO_CERTIFICATE_OR_CRL_FOUND": _CA_HINT,
        "WRONG_VERSION_NUMBER": _NO_TLS_HINT,
        "HTTP_REQUEST": _NO_TLS_HINT,
    }.get(reason, _TLS_HINT)
    return Lost(f"TLS failed ({reason})", sent=reason not in _HANDSHAKE_REASONS, transient=False, hint=hint)


def _system_reason(error: Exception) -> str:
    # Before version 2 urllib3 only keeps the text of the original error. The resolver's numbers are negative.
    match = _ERRNO.search(str(error))
    if match is None:
        return "no connection could be established"
    number = int(match.group(1))
    return _UNRESOLVED if number < 0 else _REFUSED if number == errno.ECONNREFUSED else match.group(2)
