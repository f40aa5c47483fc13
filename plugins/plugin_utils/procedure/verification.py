# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks of a verification: what was found, what was expected, and whether it passes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import MADE_ACCOUNTS
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.gates import BUILTIN_DATABASES
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.redact import is_secret_name

from .record import message_of

Data = Mapping[str, Any]

# What is read of an instance that has taken over, and of the one that it is compared with.
LOOKS = ("databases", "users", "parameters", "sessions")
BASELINE_LOOKS = ("databases", "users", "parameters")


def checks_of(own: Mapping[str, Data], other: Mapping[str, Data] | None, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the checks of an instance from the results of reads, by look.

    Databases, users and the parameters in ``names`` must be those of the other instance; without one there is nothing
    to compare with. Sessions and parameters must be readable. A read that failed is a check that has not passed, and
    then nothing is compared.
    """
    read = [entry for results in (own, other or {}) for entry in results.items()]
    failures = [{"name": look, "failure": result} for look, result in read if look not in result]
    if failures:
        return check_verification(failures)
    checks: list[dict[str, Any]] = []
    for look in ("databases", "users"):
        expected = _names(other[look][look]) if other else None
        checks.append({"name": look, "value": _names(own[look][look]), "expected": expected})
    values = _values(own)
    checks.append({"name": "sessions", "value": len(own["sessions"]["sessions"])})
    checks.append({"name": "parameters", "value": len(values), "passed": bool(values)})
    for name in names if other else ():
        value, same = values.get(name), _values(other or {}).get(name)
        passed = value == same
        checks.append({"name": "parameter", "parameter": name, "value": value, "expected": same, "passed": passed})
    return check_verification(checks)


def check_verification(entries: Sequence[Data]) -> list[dict[str, Any]]:
    """Return checks with ``passed``. Unless it is given, a value passes that is as ``expected``, or any value if
    nothing is. A check with the ``failure`` of a task has not passed, and its value is why. One that is not
    ``compared``, because there is nothing to compare with, has neither passed nor failed."""
    found = []
    for given in entries:
        entry = dict(given)
        if "failure" in entry:
            entry |= {"passed": False, "value": message_of(entry.pop("failure"))}
        compared = entry.get("compared", True) is not False
        expected = entry.get("expected")
        passed = entry.get("passed", expected is None or entry.get("value") == expected)
        found.append({**entry, "passed": bool(passed) if compared else None})
    return found


def baseline_of(
    results: Mapping[str, Data], kept: Sequence[str], option: str = "upgrade_keep_parameters"
) -> dict[str, Any]:
    """Return what an instance has before an upgrade or a restore: the names of its own databases and users, and its
    parameters, except for those that may hold a secret.

    Raises :class:`TpopsError` if that cannot be read, and :class:`InputError` if one of the parameters that must keep
    their values, ``kept`` of the ``option``, is not one of them.
    """
    for look in BASELINE_LOOKS:
        if look not in results.get(look, {}):
            raise TpopsError(f"The {look} cannot be read: {message_of(results.get(look, {}))}")
    values = {name: value for name, value in _values(results).items() if not _may_be_secret(name, str(value))}
    if unknown := [name for name in kept if name not in values]:
        raise InputError(option, f"{', '.join(unknown)} is no parameter of this instance, or may hold a secret")
    return {**{look: own_names(look, results) for look in MADE}, "parameters": values}


def compare_objects(results: Mapping[str, Data], baseline: Data | None) -> list[dict[str, Any]]:
    """Return a check of databases and one of users: none is gone, and there is no other one. What cannot be read is a
    check of :func:`checks_of`."""
    checks: list[dict[str, Any]] = []
    for look, name in _KEPT.items():
        if baseline is None:
            checks.append({"name": name, "value": None, "compared": False})
        elif look in results.get(look, {}):
            before, now = baseline[look], own_names(look, results)
            value = {
                "gone": [each for each in before if each not in now],
                "new": [each for each in now if each not in before],
            }
            checks.append({"name": name, "value": value, "passed": before == now})
    return check_verification(checks)


def compare_parameters(results: Mapping[str, Data], baseline: Data | None) -> dict[str, Any]:
    """Return the comparison of all parameters, which names those that have other values. A new version may do that."""
    known = baseline is not None and "parameters" in results.get("parameters", {})
    before: Data = baseline["parameters"] if known and baseline else {}
    now = _values(results) if known else {}
    changed = [
        {"parameter": name, "before": value, "after": now.get(name)}
        for name, value in before.items()
        if now.get(name) != value and not _may_be_secret(name, str(now.get(name)))
    ]
    count = len(before) if known else None
    return {"name": "parameters", "before": count, "after": changed, "limit": None, "passed": known or None}


def compare_kept(results: Mapping[str, Data], baseline: Data | None, kept: Sequence[str]) -> list[dict[str, Any]]:
    """Return a check for each of the parameters that must keep their values."""
    now = _values(results) if "parameters" in results.get("parameters", {}) else {}
    before: Data = (baseline or {}).get("parameters", {})
    return check_verification(
        [
            {
                "name": "parameter",
                "parameter": name,
                "value": now.get(name),
                "expected": before.get(name),
                "passed": now.get(name) == before.get(name),
                "compared": baseline is not None,
            }
            for name in kept
        ]
    )


# The checks of what must be the same after an upgrade.
_KEPT = {"databases": "databases_kept", "users": "users_kept"}
# What the engine itself makes is not compared: a new version may make more.
MADE = {"databases": "|".join(BUILTIN_DATABASES), "users": MADE_ACCOUNTS}
# "password=…" in a connection string, and the password in an address.
_ASSIGNED, _ADDRESS = re.compile(r"(\w+)\s*[=:]"), re.compile(r"://[^/\s]*:[^/\s]*@")


def own_names(look: str, results: Mapping[str, Data]) -> list[str]:
    return [name for name in _names(results[look][look]) if not re.fullmatch(MADE[look], name)]


def _may_be_secret(name: str, value: str) -> bool:
    assigned = any(is_secret_name(each) for each in _ASSIGNED.findall(value))
    return is_secret_name(name) or assigned or bool(_ADDRESS.search(value))


def _names(entries: Sequence[Data]) -> list[str]:
    return sorted(str(each["name"]) for each in entries)


def _values(results: Mapping[str, Data]) -> dict[str, Any]:
    return {str(each["name"]): each.get("value") for each in results["parameters"]["parameters"]}
