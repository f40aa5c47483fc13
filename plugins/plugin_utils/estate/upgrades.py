# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which instances of a description are upgraded, and how."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.filter.host_name import host_name
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import without_none
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import window_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.upgrade_options import (
    MAX_FAIL_PERCENTAGE,
    OPTIONS,
    UPGRADE,
    UPGRADE_DEFAULTS,
    VERIFY_AGE,
    WAVE,
    WAVES,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.window import WINDOW
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import as_words

from .pending import is_newer
from .selection import described_instances, matches, subject_of

Data = Mapping[str, Any]
# While an upgrade is under way, the version is still the old one.
UNDER_WAY = ("UPGRADING", "UPGRADE TO BE OBSERVED")
# Instances without a wave come after those that have one.
LAST = math.inf
# What is pending is described with the instances. A variable for a run decides how they are upgraded, not which.
VERSION = "version"
# What a description says of a whole run. On its waves all platforms of the run have to agree.
WAVE_SETTINGS = (WAVES, MAX_FAIL_PERCENTAGE)
RUN_SETTINGS = (*WAVE_SETTINGS, VERIFY_AGE)


def plan_upgrades(
    estate: Data, instances: Sequence[Data], targets: Sequence[str] = (), variables: Data | None = None
) -> dict[str, Any]:
    """Return what a description says of upgrades.

    ``options`` has those of each described instance, by its name; ``variables`` of the platform's host, named like
    those of the role, replace them, because the host of an instance does not have them. Those with a lower ``wave``
    come first. ``chosen`` are the names of those to upgrade: the ``targets``, names or patterns, whatever their
    version is; without any, all whose upgrade is pending or under way. ``upgraded`` are those that have their
    version already. ``settings`` is what the description says of a whole run. ``instances`` are those of the
    platform.
    """
    plain = without_none(estate)
    options = dict(sorted(described_upgrades(estate, variables or {}).items(), key=lambda each: _wave_of(each[1])))
    current = {str(each["name"]): each for each in instances}
    return {
        "options": options,
        "chosen": [
            name
            for name, each in options.items()
            if (matches(name, targets) if targets else _is_pending(each, current.get(name)))
        ],
        "upgraded": [name for name, each in options.items() if _is_upgraded(each, current.get(name))],
        "settings": {field.name: plain[field.name] for field in RUN_SETTINGS if field.name in plain},
    }


def join_upgrades(plans: Mapping[str, Data], relations: Sequence[Data]) -> dict[str, Any]:
    """Return what one run does on several platforms, from the plan of each site.

    ``subjects`` are what is upgraded together: an instance, or a pair of ``relations``, those of ``dr_relations``. They
    are ordered by their waves, whatever their site is. One without a member in ``chosen`` is not ``pending``: one of
    its members is in ``recent``, and it is only verified, if all of it is in this run. ``settings`` are the values of
    each setting of a run, by site, of those sites that have one of the subjects to upgrade.
    """
    pairs: dict[tuple[str, str], dict[str, Any]] = {}
    for relation in relations:
        pair = _pair_of(relation)
        pairs.update(dict.fromkeys(pair["members"].items(), pair))
    found: dict[str, dict[str, Any]] = {}
    for names, pending in (("chosen", True), ("recent", False)):
        for site, plan in plans.items():
            for name in plan.get(names) or ():
                subject = {**subject_of(name, site), "pending": pending, **pairs.get((site, name), {})}
                if pending or _all_described(subject["members"], plans):
                    found.setdefault(subject["host"], subject)
    subjects = sorted(found.values(), key=lambda subject: _wave_of_subject(subject, plans))
    involved = {site for subject in subjects if subject["pending"] for site in subject["members"]}
    said = {site: plan["settings"] for site, plan in plans.items() if site in involved}
    return {
        "subjects": subjects,
        "settings": {
            field.name: {site: each[field.name] for site, each in said.items() if field.name in each}
            for field in WAVE_SETTINGS
        },
    }


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


def described_upgrades(estate: Data, variables: Data) -> dict[str, dict[str, Any]]:
    """Return the options of an upgrade of each described instance that should exist, by its name."""
    plain = without_none(estate)
    names = [field.name for field in OPTIONS if field.name != VERSION]
    given = {name: variables[f"upgrade_{name}"] for name in names if f"upgrade_{name}" in variables}
    found = {}
    for name, instance in described_instances(plain).items():
        options = {**plain.get(UPGRADE_DEFAULTS.name, {}), **instance.get(UPGRADE.name, {}), **given}
        options.setdefault("version", instance.get("engine_version"))
        more = {"engine_version": instance.get("engine_version"), WINDOW.name: window_of(plain, instance)}
        found[name] = without_none({**options, **more})
    return found


def _all_described(members: Mapping[str, str], plans: Mapping[str, Data]) -> bool:
    return all(name in plans.get(site, {}).get("options", {}) for site, name in members.items())


def _wave_of(options: Data) -> float:
    return float(options.get(WAVE.name, LAST))


def _wave_of_subject(subject: Data, plans: Mapping[str, Data]) -> float:
    members = subject["members"].items()
    return min(_wave_of(plans.get(site, {}).get("options", {}).get(name, {})) for site, name in members)


def _is_pending(options: Data, current: Data | None) -> bool:
    versions = _versions_of(options)
    if current is None or not versions:
        return False
    known = str(current.get("engine_version") or "")
    return current.get("status") in UNDER_WAY or any(is_newer(version, known) for version in versions)


def _is_upgraded(options: Data, current: Data | None) -> bool:
    """Return whether an instance has its version, and is neither being upgraded nor stopped."""
    if current is None or current.get("running") is False or _is_pending(options, current):
        return False
    return current.get("engine_version") in _versions_of(options)


def _versions_of(options: Data) -> list[str]:
    """Return the version to upgrade to, or several hotfixes."""
    return as_words(options.get("version"), ",")
