# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which instances of a description are upgraded, and how."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.filter.host_name import host_name
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import without_none
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES, part_named
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import complete_entry, window_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.upgrade_options import (
    UPGRADE,
    UPGRADE_DEFAULTS,
    WAVE,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.window import WINDOW

from .pending import is_newer

Data = Mapping[str, Any]
# While an upgrade is under way, the version is still the old one.
UNDER_WAY = ("UPGRADING", "UPGRADE TO BE OBSERVED")
# Instances without a wave come after those that have one.
LAST = math.inf


def find_upgrades(estate: Data, instances: Sequence[Data], targets: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
    """Return the options of each upgrade, by the name of its instance.

    Those with a lower ``wave`` come first. ``instances`` are those of the platform. The ``targets``, names or patterns,
    are upgraded whatever their version is; without any, all instances whose upgrade is pending or under way.
    """
    current = {str(each["name"]): each for each in instances}
    found = {}
    for name, options in described_upgrades(estate).items():
        if any(fnmatchcase(name, target) for target in targets) if targets else _is_pending(options, current.get(name)):
            found[name] = options
    return dict(sorted(found.items(), key=lambda each: each[1].get(WAVE.name, LAST)))


def find_subjects(chosen: Mapping[str, Sequence[str]], relations: Sequence[Data]) -> list[dict[str, Any]]:
    """Return what is upgraded together: each of the ``chosen`` instances by site, or its pair.

    ``relations`` are those of ``dr_relations``. A pair comes in place of the first of its instances.
    """
    pairs = {}
    for relation in relations:
        pair = _pair_of(relation)
        pairs.update(dict.fromkeys(pair["members"].items(), pair))
    found: dict[str, dict[str, Any]] = {}
    for site, names in chosen.items():
        for name in names:
            single = {"host": host_name(name, site), "members": {site: name}, "relation": {}, "member_site": site}
            subject = {"site": site, **pairs.get((site, name), single)}
            found.setdefault(subject["host"], subject)
    return list(found.values())


def _pair_of(relation: Data) -> dict[str, Any]:
    """Return a pair as a subject. Only what is not secret is passed on."""
    members = [{key: str(member[key]) for key in ("site", "instance")} for member in relation["members"]]
    known = {key: relation[key] for key in ("name", "primary_site", "thresholds") if relation.get(key)}
    return {
        "host": host_name("DR", relation["name"]),
        "members": {member["site"]: member["instance"] for member in members},
        "relation": {**known, "members": members},
        "member_site": str(relation["primary_site"]),
    }


def described_upgrades(estate: Data) -> dict[str, dict[str, Any]]:
    """Return the options of an upgrade of each described instance that should exist, by its name."""
    plain = without_none(estate)
    found = {}
    for entry in filter(None, plain.get(INSTANCES, ())):
        instance = complete_entry(part_named(INSTANCES), plain, entry)
        if instance.get("state") == "absent":
            continue
        options = {**plain.get(UPGRADE_DEFAULTS.name, {}), **instance.get(UPGRADE.name, {})}
        options.setdefault("version", instance.get("engine_version"))
        found[str(instance["name"])] = without_none({**options, WINDOW.name: window_of(plain, instance)})
    return found


def _is_pending(options: Data, current: Data | None) -> bool:
    version = options.get("version")
    if current is None or not version:
        return False
    return current.get("status") in UNDER_WAY or is_newer(str(version), str(current.get("engine_version") or ""))
