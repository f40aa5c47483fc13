# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks of a verification: what was found, what was expected, and whether it passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .record import message_of

Data = Mapping[str, Any]

# What is read of an instance that has taken over, and of the one that it is compared with.
LOOKS = ("databases", "users", "parameters", "sessions")


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
    nothing is. A check with the ``failure`` of a task has not passed, and its value is why."""
    found = []
    for given in entries:
        entry = dict(given)
        if "failure" in entry:
            entry |= {"passed": False, "value": message_of(entry.pop("failure"))}
        expected = entry.get("expected")
        passed = entry.get("passed", expected is None or entry.get("value") == expected)
        found.append({**entry, "passed": bool(passed)})
    return found


def _names(entries: Sequence[Data]) -> list[str]:
    return sorted(str(each["name"]) for each in entries)


def _values(results: Mapping[str, Data]) -> dict[str, Any]:
    return {str(each["name"]): each.get("value") for each in results["parameters"]["parameters"]}
