# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps pages of other sites, open in a browser that reaches the simulator, away from what needs no token.

A program such as curl sends none of the headers that are looked at, and is not stopped.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit


def refuse_host(headers: Mapping[str, str], names: Collection[str]) -> str | None:
    """Why the request's `Host` is none of the simulator's names, or None.

    A name that somebody else's DNS leads here (DNS rebinding) is refused. An address cannot be led anywhere.
    """
    host = _hostname(f"//{headers['host']}") if "host" in headers else "localhost"
    if host in {name.lower() for name in names} or _is_address(host):
        return None
    return "This name of the host is not one of the simulator's; add it with --san."


def refuse_origin(headers: Mapping[str, str]) -> str | None:
    """Why the request comes from a page of another site, or None. `headers` have lower-case names."""
    own = f"https://{headers.get('host', '')}".lower()
    if headers.get("origin", own).lower() == own and headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        return None
    return "Pages of other sites may not use the admin API."


def _hostname(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
