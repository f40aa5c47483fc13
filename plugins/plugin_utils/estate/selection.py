# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which instances a procedure is about: by name, by tag, or by a host, from the description of a platform or from the
platform itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.filter.host_name import host_name
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import without_none
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import find_nodes
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES, TAGS, part_named
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import complete_entry, window_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.topology import HOST_LISTS

Data = Mapping[str, Any]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{3,63}")


def matches(name: str, targets: Sequence[str]) -> bool:
    """Return whether a name is one of the targets, which may be patterns."""
    return any(fnmatchcase(name, target) for target in targets)


def _position(name: str, targets: Sequence[str]) -> int:
    """Return which of the targets is the first one that names an instance."""
    return next((number for number, target in enumerate(targets) if matches(name, [target])), len(targets))


def described_instances(estate: Data) -> dict[str, dict[str, Any]]:
    """Return the instances of a description that should exist, each with its defaults, by name."""
    plain = without_none(estate)
    entries = filter(None, plain.get(INSTANCES, ()))
    completed = (complete_entry(part_named(INSTANCES), plain, entry) for entry in entries)
    return {str(each["name"]): each for each in completed if each.get("state") != "absent"}


def restart_options(estate: Data, name: str) -> dict[str, Any]:
    """Return what a description says of the restart of an instance: its ``parameters``, and the ``window``."""
    instance = described_instances(estate).get(name, {})
    return {"parameters": dict(instance.get("parameters") or {}), "window": dict(window_of(estate, instance) or {})}


def host_options(estate: Data, name: str) -> dict[str, Any]:
    """Return what a description says of the hosts of an instance: its ``solution``, and the lists of hosts that it
    has."""
    instance = described_instances(estate).get(name, {})
    return {option: instance[option] for option in ("solution", *HOST_LISTS) if instance.get(option)}


def known_instances(known: Sequence[Data]) -> set[tuple[str, str]]:
    """Return the site and the name of each instance of which the inventory has a host, from the variables of hosts."""
    pairs = ((each.get("gaussdb_site"), each.get("gaussdb_instance_name")) for each in known)
    return {(str(site), str(name)) for site, name in pairs if site and name}


def subject_of(name: str, site: str, known: Sequence[Data] = ()) -> dict[str, Any]:
    """Return an instance as the subject of a procedure.

    ``known`` are variables of hosts of instances that the inventory has: its host keeps its name.
    """
    own = (each for each in known if (each.get("gaussdb_site"), each.get("gaussdb_instance_name")) == (site, name))
    host = next((str(each["inventory_hostname"]) for each in own), host_name(name, site))
    return {
        "host": host,
        "site": site,
        "pending": True,
        "members": {site: name},
        "member_site": site,
        "relation": {},
    }


def select_instances(
    site: str,
    instances: Sequence[Data],
    estate: Data,
    *,
    targets: Sequence[str] = (),
    tags: Sequence[str] = (),
    host: str = "",
    known: Sequence[Data] = (),
    known_only: bool = False,
) -> dict[str, Any]:
    """Return what a run selects of a platform.

    ``subjects`` are the instances, in the order of the targets that name them and then by name, ``missing`` the names
    of those that are described and do not exist, ``names`` all that could be selected, ``matched`` which of the targets
    select something, and ``gone`` the others as instances, if they are names of instances and no patterns.

    With a ``host``, these are the instances on the platform that have a node on it. Otherwise they are those that the
    description has, and where there is none, those of the platform; a target may also name one that is not described.
    An instance has to have all ``tags``. With ``known_only`` it also has to be a host of the inventory.
    """
    described = described_instances(estate)
    current = {str(each["name"]): each for each in instances}
    usual = current if host or not described else described
    names = sorted({*usual, *current} if targets else usual, key=lambda name: (_position(name, targets), name))
    here = {name for of_site, name in known_instances(known) if of_site == site} if known_only else {*current}
    chosen = [
        name
        for name in names
        if (not targets or matches(name, targets))
        and (name in here or name not in current)
        and set(tags) <= set(described.get(name, {}).get(TAGS.name) or ())
        and (not host or find_nodes(current[name]["nodes"], host))
    ]
    return {
        "subjects": [subject_of(name, site, known) for name in chosen if name in current],
        "missing": [name for name in chosen if name not in current],
        "names": sorted({*described, *current}),
        "gone": [
            subject_of(target, site, known)
            for target in targets
            if _NAME.fullmatch(target) and target not in {*described, *current}
        ],
        "matched": [target for target in targets if any(matches(name, [target]) for name in names)],
    }
