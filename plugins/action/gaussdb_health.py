# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reports the health of all sites on one page: it reads them, judges what it saw, and writes the record and the page.

It only reads. A site that does not answer, or whose variables or description have a mistake, is a line on the page.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleError
from ansible.utils.display import Display

from ansible_collections.gaussdb.tpops.plugins.action.gaussdb_api import ActionModule as ModuleAction
from ansible_collections.gaussdb.tpops.plugins.action.gaussdb_plan import problems_of
from ansible_collections.gaussdb.tpops.plugins.action.gaussdb_procedure import RUN, TOOLS, plain
from ansible_collections.gaussdb.tpops.plugins.filter.connection import connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.printable import LONGEST_MESSAGE, printable
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import as_words
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.descriptions import (
    ESTATE,
    ESTATE_DIR,
    Descriptions,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.problems import Problem
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reading import first_line
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.survey import reason_of
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.upgrades import described_upgrades
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.evidence.artifacts import small_record, statistic
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.health.judgement import judge_site
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.health.reading import read_sites
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.health.record import KIND, build_record, find_earlier
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import page
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.record import stamp, utc_now
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.store import as_text, write_file
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.words import in_words, read_words

RELATIONS = "dr_relations"
# Lines about findings that are shown.
MOST_LINES = 200

NAMES: dict[str, Any] = {"type": "list", "elements": "str"}
LIMITS: dict[str, Any] = {
    "backup_age": {"type": "str", "default": "2d"},
    "backup_types": {**NAMES, "default": []},
    "alarms_red": {**NAMES, "default": ["critical"]},
    "alarms_amber": {**NAMES, "default": ["major"]},
    "disk_amber_percent": {"type": "float", "default": 80},
    "disk_red_percent": {"type": "float", "default": 90},
    "password_amber_days": {"type": "int", "default": 14},
    "password_red_days": {"type": "int", "default": 3},
    "restore_minutes": {"type": "int", "default": 60},
    "slow_sql_seconds": {"type": "int", "default": 1},
    "slow_sql_most": {"type": "int", "default": 10},
    "inspection_age": {"type": "str", "default": "12h"},
}
ARGUMENTS: dict[str, Any] = {
    "sites": {**NAMES, "required": True},
    "deep": {"type": "bool", "default": False},
    "inspection": {"type": "str", "default": "gaussdb-health"},
    "limits": {"type": "dict", "default": {}, "options": LIMITS, "apply_defaults": True},
    "probe": {
        "type": "dict",
        "default": {},
        "options": {"timeout": {"type": "int", "default": 10}, "retries": {"type": "int", "default": 1}},
        "apply_defaults": True,
    },
    "dest": {"type": "path", "required": True},
    "language": {"type": "str", "default": "en"},
}

display = Display()


class ActionModule(ModuleAction):
    """One run reports on all sites."""

    _requires_connection = False
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = {**super(ModuleAction, self).run(tmp, task_vars), "changed": False}
        self.variables = task_vars or {}
        with self._environment():
            try:
                _validation, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
                return {**result, **self._report(plain(arguments))}
            except TpopsError as error:
                return {**result, "failed": True, **error.as_result()}
            except AnsibleError as error:
                return {**result, "failed": True, "msg": str(error)}

    def _report(self, arguments: dict[str, Any]) -> dict[str, Any]:
        read_words(arguments["language"])
        now, sites = utc_now(), arguments["sites"]
        limits = {**arguments["limits"], "deep": arguments["deep"]}
        readings = self._read(sites, arguments, limits)
        described = {site: self._described(site) for site in sites}
        judged = {site: judge_site(site, readings[site], described[site], limits) for site in sites}
        record = build_record(
            judged,
            find_earlier(arguments["dest"], sites),
            run=RUN,
            time=stamp(now),
            deep=arguments["deep"],
            check_mode=bool(self._task.check_mode),
            limits=limits,
            tools=TOOLS,
        )
        files = self._write(f"{arguments['dest']}/{now:%Y%m%dT%H%M%S.%fZ}-{KIND}", record, arguments["language"])
        lines = list(report_lines(record))
        self._tell([*lines, *([f"The page of all sites: {files[1]}"] if files else [])])
        dead = [each["site"] for each in record["findings"] if each["code"] in ("site_silent", "site_refused")]
        digest = hashlib.sha256(as_text(record).encode()).hexdigest()
        shown = {"color": record["color"], "counts": record["counts"], "dead_sites": dead, "page": files[1:]}
        return {
            **shown,
            "lines": lines,
            "files": files,
            **statistic("gaussdb_health", {**shown, "digest": digest, **small_record(record)}),
        }

    def _read(self, sites: Sequence[str], arguments: Mapping[str, Any], limits: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was read of each site. A mistake in the variables of one does not matter to the others."""
        hosts, readings, connections = self.variables["hostvars"], {}, {}
        for site in sites:
            try:
                connections[site] = {**plain(connection(hosts[site])), **arguments["probe"]}
            except Exception as error:  # Ansible has many, of which several are errors of Python.
                readings[site] = {"error": _reason(error), "silent": False, "parts": {}}
        settings = {**limits, "inspection": arguments["inspection"]}
        return {**readings, **read_sites(connections, settings)}

    def _described(self, site: str) -> dict[str, Any]:
        """Return what the descriptions say of a site, without a look at any secret; empty without one.

        A mistake in one of them is an ``error``, and does not hide the other one.
        """
        found: dict[str, Any] = {}
        problems = []
        for read in (self._instances, self._relations):
            try:
                known = {name: self.variables[name] for name in ("hostvars", "groups")}
                found |= read(site, {**self.variables["hostvars"].raw_get(site), **known})
            except Exception as error:  # Ansible has many, of which several are errors of Python.
                problems.append(_reason(error))
        return {**found, **({"error": "; ".join(problems)} if problems else {})}

    def _instances(self, _site: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the described instances that should exist, each with the versions that it may have, and its state."""
        known = self._descriptions(variables)
        folder = str(known.templar.template(variables.get(ESTATE_DIR)) or "") or None
        estate = known.read_estate(ESTATE, folder)
        if not folder and not estate.data and not estate.problems:
            return {}
        _refuse(problems_of(known.examine_estate(estate, ESTATE, folder)))
        states = {str(each.get("name")): each.get("state") for each in filter(None, estate.data.get(INSTANCES) or ())}
        return {
            "instances": {
                name: {"versions": as_words(each.get("version"), ","), "state": states.get(name)}
                for name, each in described_upgrades(estate.data, {}).items()
            }
        }

    def _relations(self, site: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the instance that each described relation has at a site."""
        known = self._descriptions(variables)
        description = known.read_relations(RELATIONS)
        if not description.exists and not description.problems:
            return {}
        _refuse(known.check_relations(RELATIONS)[1])
        return {
            "relations": {
                str(relation["name"]): str(member["instance"])
                for relation in description.data
                for member in relation["members"]
                if str(member["site"]) == site
            }
        }

    def _descriptions(self, variables: Mapping[str, Any]) -> Descriptions:
        templar = self._templar.copy_with_new_env(available_variables=variables)
        return Descriptions(variables, templar, self._loader)

    def _write(self, path: str, record: Mapping[str, Any], language: str) -> list[str]:
        """Write record and page, and return their names. A folder that cannot be written is a warning."""
        if self._task.check_mode:
            self._tell(["No page is written in check mode"])
            return []
        try:
            write_file(f"{path}.json", as_text(record))
            write_file(f"{path}.html", page.render("health", language, record=record))
        except TpopsError as error:
            folder = os.path.dirname(path)
            self._tell(
                [
                    f"WARNING: the page cannot be written to {folder}: {error.message}. What it says is below. Set the "
                    "folder with gaussdb_evidence_dir"
                ]
            )
            return []
        return [f"{path}.json", f"{path}.html"]

    def _tell(self, lines: Sequence[str]) -> None:
        if not self._task.no_log:
            for line in lines:
                display.display(printable(line, LONGEST_MESSAGE))


def report_lines(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each finding, the worst site first, and the verdict last."""
    for each in record["findings"][:MOST_LINES]:
        where = " ".join(filter(None, (each["site"], each["instance"])))
        detail = f" ({each['detail']})" if each.get("detail") else ""
        new = f", {in_words('new', 'page')}" if each["new"] else ""
        yield f"{in_words(each['color'], 'colors')}{new}: {where}: {in_words(each, 'findings')}{detail}"
    if len(record["findings"]) > MOST_LINES:
        yield f"and {len(record['findings']) - MOST_LINES} more"
    counts = record["counts"]
    shown = ", ".join(f"{counts[name]} {in_words(name, 'colors')}" for name in ("red", "unread", "amber"))
    new = f"{counts['new']} new" if record["compared"] else "nothing to compare with"
    yield f"{counts['sites']} sites, {counts['instances']} instances: {shown}; {new}"


def _refuse(problems: Sequence[Problem]) -> None:
    """Raise an error for the first of several problems of a description."""
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise TpopsError(f"{problems[0].located}{more}")


def _reason(error: Exception) -> str:
    return first_line(error) if isinstance(error, AnsibleError) else reason_of(error)
