# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a site, in a form in which two runs can be compared.

This does not depend on the site's chapters: it walks all data of the site. IDs become the names of their objects,
moments become one word, and order is ignored, because these differ from run to run. Jobs are not included: ``jobs``
counts them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from tpops_simulator.model.clock import STEPPED_START
from tpops_simulator.model.jobs import COMPLETED
from tpops_simulator.model.site import Site

_ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}(?:in|no|br|pr)\d\d|[0-9a-f]{32}",
    re.IGNORECASE,
)
_MOMENT = re.compile(r"\d{4}-?\d\d-?\d\d(?:[T_ ]?\d\d:?\d\d(?::?\d\d)?(?:\.\d+)?(?:Z|\+\d{4})?)?")
# Random values, and the platform's automatic backups.
_CHANCE = re.compile(r"\.findings\[|\.public_key = ssh-|\.rule = dsr|backups\.<Backup auto-")
# What a broken node changes and its repair does not restore.
_NODES = re.compile(r"\.nodes\[.*\.(role|status|detail|data\..*) = |^instances\.<[^>]*>\.status = ")
_SPAN = 20 * 365 * 86400.0
# Other attributes of a site, and records of time and reads.
_PASSING = (
    "clock",
    "ids",
    "sessions",
    "peer",
    "jobs",
    "job_seconds",
    "name",
    "seed",
    "next_job_fault",
    "up",
    "down_since",
    "down_mode",
)
_RECORDS = ("alarms", "surroundings", "estate_addresses")


def digest(site: Site, broken: bool = False) -> list[str]:
    """Return one line for each value of the site, sorted. If a node was ``broken``, the state of nodes does not
    count."""
    held = {name: value for name, value in vars(site).items() if not name.startswith("_") and name not in _PASSING}
    held["extensions"] = {name: value for name, value in site._extensions.items() if name not in _RECORDS}
    walker = _Walker(_names(site))
    lines = walker.lines("", walker.plain(held, set()))
    return sorted(line for line in lines if not _CHANCE.search(line) and not (broken and _NODES.search(line)))


def jobs(site: Site) -> Counter[tuple[str, str]]:
    """Return how many jobs have completed, by their name and the name of their instance."""
    names = _names(site)
    done = (job for job in site.jobs.values() if job.status == COMPLETED)
    # An instance that the task created or removed may no longer have a name.
    return Counter((job.name, names.get(str(job.instance_id), "")) for job in done)


def differences(expected: Iterable[str], found: Iterable[str]) -> str:
    """Return a short description of the differences."""
    wanted, seen = Counter(expected), Counter(found)
    missing, extra = list((wanted - seen).elements()), list((seen - wanted).elements())
    return "; ".join([*(f"missing: {line}" for line in missing[:4]), *(f"extra: {line}" for line in extra[:4])])


def objects(lines: Iterable[str]) -> Counter[str]:
    """Return the named objects, and how often each exists."""
    return Counter(
        re.sub(r"#\d+", "", line) for line in lines if re.search(r"[.\]](name|inspection_name|task_name) = ", line)
    )


def _names(site: Site) -> dict[str, str]:
    found = {}
    for collection in (site.data_centers, site.key_pairs, site.hosts, site.instances, site.backups):
        for identity, entry in collection.items():
            found[identity] = f"<{type(entry).__name__} {entry.name}>"
    for instance in site.instances.values():
        for number, node in enumerate(instance.nodes):
            found[node.id] = f"<node {node.manage_ip or number} of {instance.name}>"
    return found


class _Walker:
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def plain(self, value: Any, above: set[int]) -> Any:
        """Return a value that consists of dictionaries, sorted lists and strings."""
        if isinstance(value, (str, int, float, bool)) or value is None:
            return self._scalar(value)
        if id(value) in above or callable(value):
            return "<again>" if id(value) in above else "<code>"
        above = above | {id(value)}
        if is_dataclass(value):
            return {each.name: self.plain(getattr(value, each.name), above) for each in fields(value)}
        if isinstance(value, Mapping):
            groups: dict[str, list[Any]] = {}
            for key, each in value.items():
                groups.setdefault(str(self.plain(key, above)), []).append(self.plain(each, above))
            return {
                f"{key}#{number}" if number else key: each
                for key, group in groups.items()
                for number, each in enumerate(_sorted(group))
            }
        if isinstance(value, (list, tuple, set, frozenset)):
            return _sorted([self.plain(each, above) for each in value])
        if hasattr(value, "__dict__"):
            return {name: self.plain(each, above) for name, each in vars(value).items()}
        return f"<{type(value).__name__}>"

    def _scalar(self, value: Any) -> str:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if any(abs(value / unit - STEPPED_START) < _SPAN for unit in (1, 1000)):
                return "<moment>"
            return f"{value:g}"
        if isinstance(value, str):
            value = _ID.sub(lambda match: self._names.get(match[0], "<id>"), value)
            return _MOMENT.sub("<moment>", value)
        return str(value)

    def lines(self, path: str, value: Any) -> Iterable[str]:
        if isinstance(value, dict):
            for key, each in value.items():
                yield from self.lines(f"{path}.{key}" if path else key, each)
        elif isinstance(value, list):
            for each in value:
                # An object with a name is shown by it, so that a difference can be located.
                label = (
                    next((each[key] for key in ("name", "inspection_name", "id") if key in each), "")
                    if isinstance(each, dict)
                    else ""
                )
                yield from self.lines(f"{path}[{label}]", each)
        else:
            yield f"{path} = {value}"


def _sorted(values: list[Any]) -> list[Any]:
    return sorted(values, key=lambda value: json.dumps(value, sort_keys=True))
