# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Validates the description of a platform, or of disaster recovery, inside the controller and without any request.

It takes the names of variables, and not their values: Ansible would fill in all templates of a value, and fail at the
first secret that is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES, children_of
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.files import load_file
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import secret_fields, secret_places
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.problems import Problem
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reading import Description, Reader
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.relations import check_relations, relation_fields
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.validation import Paths, finish, validate

ESTATE = "gaussdb_estate"

display = Display()


class ActionModule(ActionBase):
    """One run looks at one description."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            _validation, arguments = self.validate_argument_spec(
                argument_spec={
                    "estate": {"type": "str"},
                    "estate_dir": {"type": "path"},
                    "relations": {"type": "str"},
                    "allow_empty": {"type": "bool", "default": False},
                }
            )
        except AnsibleError as error:
            return {**result, "failed": True, "msg": str(error)}
        if arguments["relations"]:
            what, count, problems = self._relations(arguments["relations"], variables)
        else:
            what, count, problems = self._estate(arguments, variables)
        return {**result, **self._outcome(what, count, problems)}

    def _outcome(self, what: str, count: str, problems: list[Problem]) -> dict[str, Any]:
        """Show each problem in a line of its own, for Ansible shows a failed task in one long line."""
        errors = [problem for problem in problems if not problem.warning]
        many = f"{len(errors)} problem{'s' * (len(errors) != 1)}"
        msg = (
            f"{what} has {many}, each shown in a line above"
            if errors
            else f"{what} is valid: {count or 'there are none'}"
        )
        if not self._task.no_log and (errors or count):
            for line in map(str, errors) if errors else [msg]:
                display.display(line, color=C.COLOR_ERROR if errors else None)
        return {
            "changed": False,
            "failed": bool(errors),
            "msg": msg,
            "problems": [problem.as_result() for problem in errors],
            "warnings": [
                f"{each}. It would be refused if the object had to be created" for each in problems if each.warning
            ],
        }

    def _estate(self, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> tuple[str, str, list[Problem]]:
        name = arguments["estate"] or ESTATE
        folder = arguments["estate_dir"]
        description = _read(self._reader(variables, self._templar.template), name, folder)
        problems = validate(description, f"{ESTATE}_dir" if folder else name, arguments["allow_empty"])
        if folder and variables.get(name) is not None:
            problems.append(Problem(name, f"cannot be used together with {ESTATE}_dir"))
        counts = [
            f"{part.name} {len(description.data[part.name])}"
            for part in children_of("")
            if description.data.get(part.name)
        ]
        site = variables.get("inventory_hostname")
        return f"The estate of {site}", ", ".join(counts) or "nothing is described", problems

    def _relations(self, name: str, variables: Mapping[str, Any]) -> tuple[str, str, list[Problem]]:
        secrets = frozenset(secret_fields(relation_fields()))
        description = self._reader(variables, self._templar.template, secrets).read_variable(name, list)
        relations = description.data if description.exists else []
        sites = set(variables.get("groups", {}).get("all", ()))
        found = check_relations(relations, name, sites, lambda site: self._instances_of(site, variables))
        problems = finish(found, description, Paths({}, name))
        return name, f"relations {len(relations)}" if relations else "", problems

    def _instances_of(self, site: str, variables: Mapping[str, Any]) -> Collection[str]:
        """Return the names of the instances that the estate of a site describes."""
        of_site = variables["hostvars"].raw_get(site)
        fill_in = self._templar.copy_with_new_env(available_variables=of_site).template
        folder = of_site.get(f"{ESTATE}_dir")
        description = _read(self._reader(of_site, fill_in), ESTATE, str(fill_in(folder)) if folder else None)
        entries = description.data.get(INSTANCES)
        return {
            str(entry["name"])
            for entry in (entries if isinstance(entries, list) else ())
            if isinstance(entry, Mapping) and entry.get("name")
        }

    def _reader(self, variables: Mapping[str, Any], fill_in: Any, secrets: Any = None) -> Reader:
        return Reader(
            variables, fill_in, partial(load_file, self._loader), secret_places() if secrets is None else secrets
        )


def _read(reader: Reader, name: str, folder: str | None) -> Description:
    return reader.read_tree(folder) if folder else reader.read_variable(name)
