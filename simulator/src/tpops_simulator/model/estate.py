# SPDX-License-Identifier: GPL-3.0-or-later
"""Estate files: the initial content of a site, as YAML or JSON.

Each top-level key is loaded by `load_<key>(site, data)` and written by `dump_<key>(site)`, which are found in
the modules of `SOURCES` or here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from . import (
    agents,
    alarms,
    database_sessions,
    dbmind,
    dr_work,
    estate_hosts,
    estate_instances,
    inspection_findings,
    inspections,
    upgrades,
    workload,
)
from .site import Site

# The modules with the functions of the keys; later ones win.
SOURCES = (
    agents,
    alarms,
    database_sessions,
    dbmind,
    dr_work,
    estate_hosts,
    estate_instances,
    inspection_findings,
    inspections,
    upgrades,
    workload,
)

# Hosts refer to data centers and key pairs, instances to hosts and versions; keys that are not listed here come later.
ORDER = ("job_seconds", "users", "engine_versions", "data_centers", "key_pairs", "hosts", "instances")
Loader = Callable[[Site, Any], object]


class EstateError(ValueError):
    """An estate cannot be loaded; the message names the part and the reason."""


def read(path: Path) -> dict[str, Any]:
    """The content of an estate file, or EstateError."""
    try:
        return parse(path.read_bytes())
    except OSError as exc:
        raise EstateError(f"{path}: {exc.strerror}") from exc
    except EstateError as exc:
        raise EstateError(f"{path}: {exc}") from exc


def read_yaml(text: bytes | str) -> Any:
    """The content of a YAML or JSON text. JSON is read a hundred times faster; YAML by the C loader if available."""
    if text.lstrip()[:1] in ("{", "[", b"{", b"["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass  # YAML may also start like that
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def parse(text: bytes | str) -> dict[str, Any]:
    try:
        data = read_yaml(text)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as exc:
        raise EstateError(f"is not YAML: {exc}") from exc
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise EstateError("must be a mapping of collections")
    return data


def load(site: Site, data: Mapping[str, Any]) -> dict[str, int]:
    """Add an estate to the site; returns how many entries each key had. Nothing is loaded if a key is unknown."""
    loaders = _find_functions("load_")
    if unknown := sorted(str(k) for k in data if k not in loaders):
        raise EstateError(f"unknown key {', '.join(unknown)}; known are {', '.join(sorted(loaders))}")
    counts: dict[str, int] = {}
    for key in sorted(data, key=lambda k: (ORDER.index(k) if k in ORDER else len(ORDER), k)):
        value = data[key]
        if value is None:
            continue
        try:
            loaders[key](site, value)
        except KeyError as exc:
            raise EstateError(f"{key}: {exc.args[0]!r} is missing") from exc
        except ValueError as exc:
            raise EstateError(f"{key}: {exc}") from exc
        except (TypeError, AttributeError) as exc:
            raise EstateError(f"{key}: wrong type, such as a list instead of a mapping ({exc})") from exc
        counts[key] = len(value) if isinstance(value, (list, dict)) else 1
    return counts


def dump(site: Site) -> dict[str, Any]:
    """The site as an estate: every key that can be written and is not empty. It contains no secrets."""
    found = {key: function(site) for key, function in _find_functions("dump_").items()}
    ordered = sorted(found, key=lambda k: (ORDER.index(k) if k in ORDER else len(ORDER), k))
    return {key: found[key] for key in ordered if found[key]}


def _find_functions(prefix: str) -> dict[str, Callable[..., Any]]:
    """`{key: function}` over the modules of `SOURCES` and this one, which wins."""
    found: dict[str, Callable[..., Any]] = {}
    sources = [vars(module) for module in SOURCES] + [globals()]
    for source in sources:
        for name, value in source.items():
            if name.startswith(prefix) and callable(value):
                found[name.removeprefix(prefix)] = value
    return found


def load_job_seconds(site: Site, data: dict[str, float]) -> None:
    """`job_seconds: {CreateGaussDBV5Instance: 600}`: how long jobs take, in simulated seconds."""
    for name, seconds in data.items():
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds < 0:
            raise EstateError(f"{name} must be a number of seconds")
        site.job_seconds[str(name)] = float(seconds)


def dump_job_seconds(site: Site) -> dict[str, float]:
    return dict(site.job_seconds)


def load_users(site: Site, data: list[dict[str, Any]]) -> None:
    """`users: [{name: auditor, password: ..., read_only: true}]`: further users of the platform."""
    for entry in data:
        if unknown := set(entry) - {"name", "password", "read_only"}:
            raise EstateError(f"a user has no {', '.join(sorted(unknown))}")
        if not isinstance(entry["password"], str):
            raise EstateError("a password must be a string")
        site.add_user(str(entry["name"]), entry["password"], read_only=bool(entry.get("read_only", False)))
