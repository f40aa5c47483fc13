# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the variables of a host describe, read and validated: by the validation, and by a plan before its first request.

It takes the names of variables, and not their values: Ansible would fill in all templates of a value, and fail at the
first secret that does not exist.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES

from .options import Secrets
from .problems import Problem
from .reading import Description, Reader
from .relations import check_relations, relation_fields
from .validation import Examined, Paths, examine, finish

ESTATE = "gaussdb_estate"
ESTATE_DIR = "gaussdb_estate_dir"
EMPTY = "gaussdb_empty_estate"
SLICED = "gaussdb_sliced"


@dataclass(frozen=True)
class Descriptions:
    """Reads the descriptions in the variables of one host. ``templar`` and ``loader`` are those of a task there."""

    variables: Mapping[str, Any]
    templar: Any
    loader: Any

    def read_variables(self, names: Iterable[str]) -> Description:
        """Return the values of variables, each as far as it can be read."""
        return self._reader(Secrets(), reveal=True).read_variables(names)

    def read_estate(self, name: str, folder: str | None, reveal: bool = False) -> Description:
        """Return the estate that a variable describes, or a folder. With ``reveal`` it has its secrets."""
        reader = self._reader(Secrets(part=""), reveal)
        return reader.read_tree(folder) if folder else reader.read_variable(name)

    def examine_estate(self, description: Description, name: str, folder: str | None) -> Examined:
        """Return the tasks of an estate, and all that is wrong with it."""
        found = examine(description, ESTATE_DIR if folder else name, self._may_be_empty())
        if folder and self.variables.get(name) is not None:
            found.problems.append(Problem(name, f"cannot be used together with {ESTATE_DIR}"))
        return found

    def _may_be_empty(self) -> bool:
        return self._is_true(EMPTY)

    def _is_true(self, name: str) -> bool:
        return bool(boolean(self.templar.template(self.variables.get(name, False)), strict=False))

    def read_relations(self, name: str) -> Description:
        """Return the relations of disaster recovery that a variable describes, without their secrets."""
        return self._reader(Secrets(relation_fields())).read_variable(name, list)

    def check_relations(self, name: str) -> tuple[int, list[Problem]]:
        """Return the number of relations that a variable describes, and their problems."""
        if self.variables.get(name) is None:
            return 0, []
        description = self.read_relations(name)
        relations = description.data if description.exists else []
        sites = set(self.variables.get("groups", {}).get("all", ()))
        found = check_relations(relations, name, sites, self._instances_of, self._is_true(SLICED))
        return len(relations), finish(found, description, Paths({}, name))

    def _instances_of(self, site: str) -> Collection[str]:
        """Return the names of the instances that the estate of a site describes."""
        variables = self.variables["hostvars"].raw_get(site)
        templar = self.templar.copy_with_new_env(available_variables=variables)
        folder = variables.get(ESTATE_DIR)
        own = Descriptions(variables, templar, self.loader)
        description = own.read_estate(ESTATE, str(templar.template(folder)) if folder else None)
        entries = description.data.get(INSTANCES)
        return {
            str(entry["name"])
            for entry in (entries if isinstance(entries, list) else ())
            if isinstance(entry, Mapping) and entry.get("name")
        }

    def _reader(self, secrets: Secrets, reveal: bool = False) -> Reader:
        return Reader(self.variables, self.templar.template, self.loader, secrets, reveal)
