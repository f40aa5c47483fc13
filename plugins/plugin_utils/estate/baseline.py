# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The baseline of a verdict: the differences that people accept until a day, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import PARTS
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field

from .fields import check_options
from .problems import Problem


def check_day(value: Any) -> str | None:
    """Check a day. The form without hyphens, which newer Pythons accept too, is none."""
    try:
        fine = date.fromisoformat(value).isoformat() == value
    except ValueError:
        fine = False
    return None if fine else "is not a day such as 2027-01-31"


FIELDS = (
    Field("part", required=True, choices=[part.name for part in PARTS]),
    # Patterns of names: where one is not given, an entry is about all of them.
    *(Field(name) for name in ("site", "instance", "object", "field")),
    Field("value", type="raw"),
    Field("reason", required=True, identifier=True),
    Field("until", required=True, identifier=True, validate=check_day),
)


@dataclass(frozen=True)
class Entry:
    """One entry of a baseline."""

    # Where the baseline has it.
    path: str
    # What it says.
    data: Mapping[str, Any]

    def is_expired(self, today: date) -> bool:
        """Return whether its last day is over."""
        return date.fromisoformat(self.data["until"]) < today

    def is_for(self, site: str) -> bool:
        return self._matches("site", site)

    def covers(self, finding: Mapping[str, Any], field: Mapping[str, Any] | None = None) -> bool:
        """Return whether it accepts a finding: one field of it, or what has no fields."""
        if not all(self._matches(name, str(finding[name])) for name in ("part", "instance", "object")):
            return False
        if field is None:
            return "field" not in self.data and "value" not in self.data
        value = self.data.get("value")
        # Parameters are texts, and numbers in YAML.
        return self._matches("field", str(field["name"])) and (value is None or str(value) == str(field["before"]))

    def as_data(self) -> dict[str, Any]:
        return {"entry": self.path, **self.data}

    def _matches(self, name: str, found: str) -> bool:
        return fnmatchcase(found, str(self.data.get(name, "*")))


def read_entries(listed: Any, name: str, problems: list[Problem]) -> list[Entry]:
    """Return the entries of a baseline, which people call by this name. ``problems`` gets what is wrong with it."""
    if not isinstance(listed, list):
        problems.append(Problem(name, "not a list"))
        return []
    entries: list[Entry] = []
    for index, entry in enumerate(listed):
        path = f"{name}[{index}]"
        if not isinstance(entry, Mapping):
            problems.append(Problem(path, "not a dictionary"))
            continue
        entries.append(Entry(path, check_options(FIELDS, entry, problems, f"{path}.")))
    return entries
