# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The address of the platform and the login data, validated before anything is sent."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, field

from .errors import InputError

DEFAULT_PORT = 8002

# Labels of up to 63 characters; the optional trailing dot of a full name is left out.
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}))*")
_NUMBERS = re.compile(r"[0-9.]+")
# A zone that begins with 25 looks like the escape sequence before it in an address.
_ZONE = re.compile(r"(?!25)[A-Za-z0-9._-]{1,32}")
_BUDGET_IN_TIMEOUTS = 4
_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@dataclass
class Connection:
    """How to reach one platform (reference: 3.1).

    ``endpoint`` is ``host``, ``host:port`` or ``https://host:port``; an IPv6 address is in brackets when a port
    follows. Without a port it is 8002. ``timeout`` is in seconds and applies to connecting and to each wait for data,
    ``budget`` to the whole exchange. ``retries`` is how often a request is repeated after a transient fault,
    ``busy_timeout`` how many seconds an object may stay busy. Raises :class:`InputError` for invalid values.
    """

    endpoint: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    ca_path: str | None = None
    validate_certs: bool = True
    language: str = "en-us"
    timeout: float = 30
    retries: int = 4
    busy_timeout: float = 300
    token_cache: bool = True

    def __post_init__(self) -> None:
        self.address = parse_endpoint(self.endpoint)
        if self.timeout <= 0:
            raise InputError("timeout", "must be more than 0 seconds")
        for option in ("retries", "busy_timeout"):
            if getattr(self, option) < 0:
                raise InputError(option, "must not be negative")
        if self.ca_path:
            self.ca_path = os.path.expanduser(self.ca_path)
            problem = _unreadable(self.ca_path)
            if problem:
                raise InputError("ca_path", f"the file {self.ca_path} {problem}")
        if self.token is not None:
            self.token = self.token.strip() or None
        if self.token is not None and not sendable(self.token):
            # The error of the HTTP library would quote the whole token.
            raise InputError("token", "contains invalid characters, such as a line break or a space")

    @property
    def url(self) -> str:
        """The base of all requests."""
        return f"https://{self.address}/rds"

    @property
    def budget(self) -> float:
        """Seconds that one exchange may take from the request to the last byte of the reply; also the limit for all
        repeats of a request together."""
        return self.timeout * _BUDGET_IN_TIMEOUTS

    @property
    def has_credentials(self) -> bool:
        """Whether a login is possible."""
        return bool(self.username) and bool(self.password)

    @property
    def verify(self) -> bool | str:
        """What the server's certificate is validated against: ``False`` for no check, a path, or ``True`` for the
        default.

        The variables of requests and curl are only a default: they never override ``ca_path`` or ``validate_certs``, as
        they would if requests read them.
        """
        if not self.validate_certs:
            return False
        if self.ca_path:
            return self.ca_path
        for variable in _CA_VARIABLES:
            path = os.environ.get(variable)
            if path and os.path.exists(path):
                return path
        return True


def _unreadable(path: str) -> str | None:
    """Return what is wrong with a file or directory of certificates; reading a device would never end."""
    if not os.path.exists(path):
        return "does not exist"
    if not (os.path.isfile(path) or os.path.isdir(path)):
        return "is not a file"
    return None if os.access(path, os.R_OK) else "cannot be read: permission denied"


def sendable(token: str) -> bool:
    """Return whether a string can be the value of an HTTP header: printable ASCII without spaces."""
    return bool(token) and all("!" <= char <= "~" for char in token)


def parse_endpoint(endpoint: str) -> str:
    """Return ``host:port`` for an endpoint as users write it; raise :class:`InputError` if it is invalid."""
    text = (endpoint or "").strip()
    if not text:
        raise InputError(
            "endpoint",
            "the address of the platform is not set",
            hint="Set the option endpoint or the environment variable GAUSSDB_TPOPS_ENDPOINT;"
            " roles and playbooks use the variable tpops_endpoint.",
        )
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "https", text
    if scheme.lower() == "http":
        raise InputError("endpoint", "must not be an http:// address: the platform only supports HTTPS")
    if scheme.lower() != "https":
        raise InputError("endpoint", f"must be host:port or https://host:port, not {scheme}://")
    rest = rest.rstrip("/")
    if rest.endswith("/rds"):
        rest = rest[: -len("/rds")]
    host, port = _split(rest)
    number = _port(port)
    if number is None or not (_is_ipv6(host[1:-1]) if host.startswith("[") else _is_host(host)):
        # An address with a user name may also contain a password: do not repeat it.
        shown = "the given value" if "@" in text else repr(text)
        raise InputError(
            "endpoint", f"must be host:port, such as tpops.example.com:8002 or [2001:db8::1]:8002, not {shown}"
        )
    return f"{host.lower()}:{number}"


def _split(text: str) -> tuple[str, str | None]:
    if text.startswith("["):
        inside, bracket, tail = text[1:].partition("]")
        if not bracket or (tail and not tail.startswith(":")):
            return "", None
        # A zone is written with %25 in an address.
        return f"[{inside.replace('%25', '%', 1)}]", tail[1:] if tail else None
    if text.count(":") > 1:
        return f"[{text}]", None
    host, colon, port = text.partition(":")
    return host.removesuffix("."), port if colon else None


def _is_host(text: str) -> bool:
    """Return whether it is a host name or an IPv4 address; internationalized names only in their ``xn--`` form."""
    return bool(_HOST.fullmatch(text)) and (not _NUMBERS.fullmatch(text) or _is_address(text, ipaddress.IPv4Address))


def _is_ipv6(text: str) -> bool:
    address, percent, zone = text.partition("%")
    return _is_address(address, ipaddress.IPv6Address) and (not percent or bool(_ZONE.fullmatch(zone)))


def _is_address(text: str, kind: type[ipaddress.IPv4Address | ipaddress.IPv6Address]) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True


def _port(text: str | None) -> int | None:
    if text is None:
        return DEFAULT_PORT
    if not (text.isascii() and text.isdigit()):
        return None
    return int(text) if len(text) <= 5 and 0 < int(text) < 65536 else None
