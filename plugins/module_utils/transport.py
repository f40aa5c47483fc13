# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One HTTP exchange with the platform, and what is known when there is no reply."""

from __future__ import annotations

import errno
import http.client
import json
import re
import socket
import ssl
import traceback
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.connection import Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.wire import as_str

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

_ERRNO = re.compile(r"\[Errno (-?\d+)\] ([\w ,]+)")

_UNRESOLVED = "the host name cannot be resolved"
_REFUSED = "the connection was refused"

# The address of the proxy may hold its password: the hint names the variables, not their values.
_PROXY_HINT = "A proxy from the environment (HTTPS_PROXY, ALL_PROXY) is in use; NO_PROXY names hosts that are reached without it."

_TLS_HINT = (
    "Give the certificate of the authority that signed the platform's certificate as ca_path, and use a host name that"
    " the certificate names; validate_certs=false turns the check off."
)


@dataclass(frozen=True)
class Response:
    """A reply as it came over the wire, of whatever status. Its headers are found in any spelling of upper and lower case."""

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

    ``sent`` is false only when it is proven that the platform has not got the request. ``passing`` is true when the same
    request may well succeed later. ``under_way`` is true when the platform may still be working on it. ``response`` is set when there was a
    reply of success that cannot be read.
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

    def __init__(self, connection: Connection, session_factory: Any = None) -> None:
        self._connection = connection
        self._session_factory = session_factory or requests.Session
        self._session: Any = None
        self._proxies: dict[str, str] = {}
        self.requests_sent = 0

    def exchange(self, method: str, path: str, query: Mapping[str, Any], body: Any, headers: Mapping[str, str]) -> Response | Lost:
        """Send one request to ``/rds`` + path, or to an address of its own; a body that is not ``None`` goes as JSON."""
        payload = None if body is None else _encoded(body)
        session = self._open()
        self.requests_sent += 1
        # The reference wants a Content-Type with every request, with or without a body.
        all_headers = {"Content-Type": "application/json", "Accept": "*/*", "User-Agent": USER_AGENT, **headers}
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
                    headers=all_headers,
                    timeout=self._connection.timeout,
                    verify=self._connection.verify,
                    proxies=self._proxies,
                    allow_redirects=False,
                )
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as exc:
            # Described and dropped: the exception refers to the request with its token.
            return _lost(list(_causes(exc)), self._connection)
        return _checked(Response(raw.status_code, raw.headers, raw.content))

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


def _encoded(body: Any) -> bytes:
    text = json.dumps(body, ensure_ascii=False)
    if _SURROGATE.search(text):
        # Left to the codec, the error would quote the whole body.
        raise InputError("A value holds bytes that are not UTF-8")
    return text.encode()


def _parameters(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: [as_str(item) for item in value] if isinstance(value, (list, tuple)) else as_str(value) for name, value in query.items()}


def _checked(response: Response) -> Response | Lost:
    # Versions of urllib3 before 2 hand over a body that was cut off as if it were whole.
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and not response.headers.get("Content-Encoding") and len(response.content) < int(announced):
        return Lost("the reply was cut off", sent=True, passing=True, response=response)
    return response


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


def _lost(causes: list[BaseException], connection: Connection) -> Lost:
    def first(*kinds: Any) -> Any:
        return next((exc for exc in causes if isinstance(exc, kinds)), None)

    seconds = f"{connection.timeout:g} seconds"
    proxy_hint = _PROXY_HINT if first(urllib3.exceptions.ProxyError) else None
    if first(requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader, urllib3.exceptions.LocationValueError):
        return Lost("the HTTP library refuses the address, a header or the proxy", sent=False, passing=False)
    if any("Tunnel connection failed" in str(exc) for exc in causes if isinstance(exc, OSError)):
        return Lost("the proxy refuses to connect to the platform", sent=False, passing=False, hint=_PROXY_HINT)
    if first(socket.gaierror, getattr(urllib3.exceptions, "NameResolutionError", socket.gaierror)):
        return Lost(_UNRESOLVED, sent=False, passing=True, hint=proxy_hint)
    if first(ConnectionRefusedError):
        return Lost(_REFUSED, sent=False, passing=True, hint=proxy_hint)
    if first(urllib3.exceptions.NewConnectionError):
        reason = _system_reason(first(urllib3.exceptions.NewConnectionError))
        return Lost(reason, sent=False, passing=True, hint=proxy_hint)
    if first(urllib3.exceptions.ConnectTimeoutError):
        return Lost(f"no connection was made within {seconds}", sent=False, passing=True)
    if first(urllib3.exceptions.ReadTimeoutError):
        return Lost(f"no reply came within {seconds}", sent=True, passing=True, under_way=True)
    if first(ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError, http.client.RemoteDisconnected):
        return Lost("the connection was closed before the reply was complete", sent=True, passing=True)
    if first(ssl.SSLError, urllib3.exceptions.SSLError):
        # Before version 2 urllib3 has its own error, in a place of its own, for a certificate of another host.
        mismatch = next((exc for exc in causes if type(exc).__name__ == "CertificateError"), None)
        return _lost_to_tls(mismatch or first(ssl.SSLError))
    if first(FileNotFoundError) or any("CA certificate bundle" in str(exc) for exc in causes):
        return Lost("the CA certificates cannot be read", sent=False, passing=False, hint=_TLS_HINT)
    if first(requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError, http.client.IncompleteRead):
        return Lost("the reply was cut off", sent=True, passing=True)
    return Lost(f"the connection failed ({type(causes[0]).__name__})", sent=True, passing=True)


def _lost_to_tls(error: BaseException | None) -> Lost:
    if isinstance(error, ssl.SSLCertVerificationError) or type(error).__name__ == "CertificateError":
        return Lost(f"the server's certificate is not accepted: {getattr(error, 'verify_message', error)}", False, False, _TLS_HINT)
    reason = getattr(error, "reason", None) or "unknown reason"
    return Lost(f"TLS failed ({reason})", sent=reason not in _HANDSHAKE_REASONS, passing=False, hint=_TLS_HINT)


def _system_reason(error: Exception) -> str:
    # Versions of urllib3 before 2 keep of the original error only its text. The resolver's numbers are negative.
    match = _ERRNO.search(str(error))
    if match is None:
        return "no connection could be made"
    number = int(match.group(1))
    return _UNRESOLVED if number < 0 else _REFUSED if number == errno.ECONNREFUSED else match.group(2)
