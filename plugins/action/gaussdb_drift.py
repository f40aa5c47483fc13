# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gives the verdict whether a platform is as described: in step (ok), drift (failed), cannot tell (unreachable).

Ansible fails a task, too, when it cannot fill in an argument. So the playbook gives none: the action takes the
variables of the host and fills in their templates itself, and whatever is wrong with one of them is "cannot tell".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.utils.display import Display

from ansible_collections.gaussdb.tpops.plugins.action import gaussdb_plan
from ansible_collections.gaussdb.tpops.plugins.action.gaussdb_api import ActionModule as ModuleAction
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import without_none
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import expand
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.arguments import prepare_arguments
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.files import put_file
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import CONNECTION, Field, build_argument_spec
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.redact import Redactor, find_secret_values
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.printable import LONGEST_MESSAGE, printable
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate import document, drift, drift_page
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.baseline import Entry, read_entries
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.descriptions import Descriptions
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.fields import check_options
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.files import load_file
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.outcomes import Found, owner_of
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.problems import Problem, of_error
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reading import Description, first_line
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reads import SharedReads
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.survey import Survey, reason_of
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.validation import Examined, Paths, finish
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.evidence.artifacts import small_record, statistic
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.evidence.sinks import OPTION as SINKS
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.evidence.sinks import check_sinks

BASELINE, DEST = "gaussdb_drift_baseline", "drift.json"
DEFAULTS = {"dest": DEST, "relations": "dr_relations"}
FIELDS = (
    *(replace(each, default=DEFAULTS.get(each.name, each.default)) for each in gaussdb_plan.FIELDS),
    Field("baseline", type="raw"),
    Field("pending", type="bool", default=False),
    Field("enforced", type="bool", default=True),
    Field("verdict", type="dict"),
)
# A plan has more, for runs that follow it.
OPTIONS = (
    *CONNECTION,
    *(
        each
        for each in FIELDS
        if each.name
        in (
            "estate",
            "estate_dir",
            "relations",
            "connections",
            "baseline",
            "pending",
            "enforced",
            "verdict",
            "dest",
            "page_dest",
        )
    ),
)
# The variables of a host that give the options that the task does not give.
VARIABLES = {
    **{each.name: f"tpops_{each.name}" for each in CONNECTION},
    "estate_dir": "gaussdb_estate_dir",
    "connections": "gaussdb_plan_connections",
    "pending": "gaussdb_drift_pending",
    "dest": "gaussdb_drift_dest",
}

display = Display()


class CannotTell(Exception):
    """Nothing can be compared, for these reasons."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = problems


class ActionModule(gaussdb_plan.ActionModule):
    """One run judges one platform."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super(ModuleAction, self).run(tmp, task_vars)
        variables = task_vars or {}
        site = str(variables.get("inventory_hostname", ""))
        # What people call the options that variables give.
        given = self._task.args.get("verdict")
        if isinstance(given, Mapping) and given.get("verdict") in drift.VERDICTS:
            return {**result, "changed": False, "msg": str(given["msg"]), **_as_outcome(given["verdict"])}
        self._names = {option: name for option, name in VARIABLES.items() if option not in self._task.args}
        self._dest: str | None = None
        self._redactor = Redactor()
        self._warnings: list[str] = []
        self._parts: set[tuple[str, str]] = set()
        record = self._attempt(site, lambda: self._judge(variables))
        record = self._attempt(site, lambda: self._written(site, record, variables))
        enforced = boolean(self._task.args.get("enforced", True), strict=False)
        hosts = len(variables.get("ansible_play_hosts_all") or ())
        found = {"verdict": record["verdict"], "digest": record["digest"], **small_record(record, hosts)}
        report = {**self._report(site, record), **statistic("gaussdb_drift", {site: found})}
        return {**result, **report, **(_as_outcome(record["verdict"]) if enforced else {})}

    def _attempt(self, site: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return a record of the platform; whatever goes wrong, the verdict is "cannot tell"."""
        try:
            return work()
        except CannotTell as error:
            problems = error.problems
        except InputError as error:
            problems = [of_error(error, self._names.get(str(error.option), str(error.option)))]
        except AnsibleError as error:
            problems = [Problem("", first_line(error))]
        except Exception as error:  # A bug must not look like drift.
            problems = [Problem("", reason_of(error))]
        failures = [gaussdb_plan.failure(each.path, "refused", each.located) for each in problems]
        plan = document.build(site, Survey(Found(failures=failures)), self._redactor.censor)
        return drift.judge(plan, (), (), _now())

    def _judge(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        given, baseline = self._given(variables)
        with self._environment():
            self._task.args = {**given, **self._task.args}
            _validation, arguments = self.validate_argument_spec(argument_spec=build_argument_spec(OPTIONS))
            arguments = prepare_arguments(FIELDS, arguments)
            self._check(arguments)
            plan = self._plan(arguments, variables, None)
        return drift.judge(plan, baseline, self._parts, _now(), arguments["pending"])

    def _given(self, variables: Mapping[str, Any]) -> tuple[dict[str, Any], list[Entry]]:
        """Return the options that variables of the host give, and the baseline, which may also be an option."""
        baseline = "baseline" if "baseline" in self._task.args else BASELINE
        found = self._read({**variables, **self._task.args}, *self._names.values(), baseline, SINKS)
        values = {name: value for name, value in found.data.items() if value not in (None, "")}
        self._redactor.add(find_secret_values(values))
        listed, sinks = values.pop(baseline, []), values.pop(SINKS, [])
        fields = [replace(each, name=self._names[each.name]) for each in OPTIONS if each.name in self._names]
        problems: list[Problem] = []
        typed = check_options(fields, values, problems)
        entries = [] if isinstance(listed, str) else read_entries(listed, baseline, problems)
        problems = finish(problems, found, Paths({}, ""))
        problems += _problems_of_sinks(sinks)
        if isinstance(listed, str):
            entries = self._entries_of_file(listed, baseline, problems)
        if VARIABLES["dest"] not in {problem.path for problem in problems}:
            self._dest = str(self._task.args.get("dest") or typed.get(VARIABLES["dest"], DEST))
        if problems:
            raise CannotTell(problems)
        return {option: typed[name] for option, name in self._names.items() if name in typed}, entries

    def _entries_of_file(self, path: str, name: str, problems: list[Problem]) -> list[Entry]:
        try:
            found = self._read({name: load_file(self._loader, path)}, name)
        except AnsibleError as error:
            problems.append(Problem(name, f"cannot be read: {first_line(error)}"))
            return []
        wrong: list[Problem] = []
        # Nothing may be left in the file.
        listed = [] if found.data[name] is None else found.data[name]
        entries = read_entries(listed, name, wrong)
        problems += finish(wrong, found, Paths({}, ""))
        return entries

    def _read(self, variables: Mapping[str, Any], *names: str) -> Description:
        return Descriptions(variables, self._templar, self._loader).read_variables(names)

    def _described(self, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> tuple[Description, Examined]:
        estate, examined = super()._described(arguments, variables)
        if not gaussdb_plan.problems_of(examined):
            self._parts = set(_parts(estate.data))
        return estate, examined

    def _outcome(
        self,
        plan: Mapping[str, Any],
        arguments: Mapping[str, Any],
        reads: SharedReads | None,
        refusals: Sequence[str],
    ) -> dict[str, Any]:
        """Return the plan itself, which is neither written nor shown."""
        self._warnings = reads.warnings if reads else []
        return dict(plan)

    def _written(self, site: str, record: dict[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the record after it was written, with those of the other platforms of the run."""
        if self._dest is None or self._task.check_mode:
            return record
        with drift.records_of_run(C.DEFAULT_LOCAL_TMP, self._dest) as records:
            for each in variables.get("ansible_play_hosts_all") or ():
                records.setdefault(str(each), drift.not_compared())
            records[site] = record
            whole = drift.document(records)
            for path, content in zip(self._files(), (drift.as_text(whole), drift_page.render(whole))):
                put_file(path, content, "dest", gaussdb_plan.MODE)
        return record

    def _files(self) -> tuple[str, str]:
        page = self._task.args.get("page_dest") or Path(str(self._dest)).with_suffix(".md")
        return str(self._dest), str(page)

    def _report(self, site: str, record: Mapping[str, Any]) -> dict[str, Any]:
        lines = [printable(line, LONGEST_MESSAGE) for line in drift.lines(site, record)]
        if not self._task.no_log:
            for line in lines:
                display.display(line)
        return {
            "changed": False,
            "msg": lines[-1],
            "summary": lines[:-1],
            "verdict": record["verdict"],
            **(dict(zip(("dest", "page_dest"), self._files())) if self._dest else {}),
            "warnings": self._warnings,
        }


def _problems_of_sinks(sinks: Any) -> list[Problem]:
    """Return what is wrong with the sinks that the evidence is sent to afterwards."""
    try:
        check_sinks(sinks)
    except InputError as error:
        return [of_error(error, str(error.option))]
    return []


def _as_outcome(verdict: str) -> dict[str, Any]:
    """Return the verdict as the outcome of a task, from which the exit status follows."""
    return {"failed": verdict == drift.DRIFT, **({"unreachable": True} if verdict == drift.CANNOT_TELL else {})}


def _parts(estate: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the described parts, each with its instance."""
    for task in expand(without_none(estate)):
        yield task.part.name, owner_of(task) if task.part.parent else ""


def _now() -> datetime:
    return datetime.now(timezone.utc).astimezone()
