# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Validates the description of a platform, or of disaster recovery, inside the controller and without any request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import children_of
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.descriptions import ESTATE, Descriptions
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.problems import Problem

display = Display()


class ActionModule(ActionBase):
    """One run looks at one description."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        try:
            _validation, arguments = self.validate_argument_spec(
                argument_spec={
                    "estate": {"type": "str"},
                    "estate_dir": {"type": "path"},
                    "relations": {"type": "str"},
                }
            )
        except AnsibleError as error:
            return {**result, "failed": True, "msg": str(error)}
        known = Descriptions(task_vars or {}, self._templar, self._loader)
        if arguments["relations"]:
            what = arguments["relations"]
            number, problems = known.check_relations(what)
            count = f"relations {number}" if number else ""
        else:
            what, count, problems = self._estate(known, arguments)
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

    @staticmethod
    def _estate(known: Descriptions, arguments: Mapping[str, Any]) -> tuple[str, str, list[Problem]]:
        name, folder = arguments["estate"] or ESTATE, arguments["estate_dir"]
        description = known.read_estate(name, folder)
        problems = known.examine_estate(description, name, folder).problems
        counts = [
            f"{part.name} {len(description.data[part.name])}"
            for part in children_of("")
            if description.data.get(part.name)
        ]
        site = known.variables.get("inventory_hostname")
        return f"The estate of {site}", ", ".join(counts) or "nothing is described", problems
