# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plans the description of a platform inside the controller: one task, several connections, no write.

It takes the name of the variable with the description, and reads and validates it itself: a description that cannot be
read, or is not valid, is a plan that says so, and not an old plan that stays.
"""

from __future__ import annotations

import gc
import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.utils.display import Display

from ansible_collections.gaussdb.tpops.plugins.action.gaussdb_api import ActionModule as ModuleAction
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES, PARTS
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.arguments import prepare_arguments
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.checks import between
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.files import check_folder, put_file
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import (
    CONNECTION,
    Field,
    build_argument_spec,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import HAS_REQUESTS
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.redact import find_secret_values
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.printable import LONGEST_MESSAGE, printable
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate import document, page
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.checking import Checked
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.descriptions import ESTATE, Descriptions
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.outcomes import Found
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.problems import Problem
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reading import Description
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reads import SharedReads, open_reads
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.secrets import ManySecrets
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.survey import Selection, Survey, Surveyor
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.validation import Examined

FIELDS = (
    *CONNECTION,
    Field("estate", default=ESTATE),
    Field("estate_dir", type="path"),
    Field("relations"),
    Field("connections", type="int", default=10, validate=between(1, 100)),
    Field("dest", type="path"),
    Field("page_dest", type="path"),
    Field("instances", type="list", elements="str"),
    Field("parts", type="list", elements="str", choices=tuple(part.name for part in PARTS)),
    Field("resend", type="bool", default=False),
    Field("before_run", type="bool", default=False),
    Field("compare", type="bool", default=True),
    Field("confirm", type="list", elements="str"),
    Field("approved", type="path"),
    Field("approved_digest"),
)
# Lines about what differs from an approved plan.
MOST_LINES = 40
# Plans name what a bank runs: only their owner may read them.
MODE = 0o600

display = Display()


class ActionModule(ModuleAction):
    """One run plans one description."""

    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super(ModuleAction, self).run(tmp, task_vars)
        variables = task_vars or {}
        with self._environment(), _frozen():
            try:
                _validation, arguments = self.validate_argument_spec(argument_spec=build_argument_spec(FIELDS))
                arguments = prepare_arguments(FIELDS, arguments)
                self._check(arguments)
                approved = _approved(arguments["approved"])
                if arguments["compare"]:
                    return {**result, **self._plan(arguments, variables, approved)}
                return {**result, **self._everything(arguments, variables)}
            except TpopsError as error:
                return {**result, "failed": True, **error.as_result()}
            except AnsibleError as error:
                return {**result, "failed": True, "msg": str(error)}

    def _check(self, arguments: Mapping[str, Any]) -> None:
        """Refuse what would only show after all reads."""
        if not HAS_REQUESTS:
            raise TpopsError("The Python library requests is required but not installed", hint="Install it.")
        if not arguments["compare"]:
            for option in ("approved", "approved_digest"):
                if arguments[option]:
                    raise InputError(option, "needs a comparison with the platform, by a local connection")
            return
        if self._connection.transport != "local":
            raise TpopsError(
                f"A plan needs a local connection, not {self._connection.transport}",
                hint="gaussdb.tpops.site with --check works over any connection.",
            )
        files = {option: path for option, path in _files(arguments).items() if path}
        for option, path in files.items():
            check_folder(path, option, yet_to_be_made=self._task.check_mode)
        if len(set(map(os.path.realpath, files.values()))) < len(files):
            raise InputError("page_dest", "must not be the same file as dest")

    def _plan(
        self, arguments: Mapping[str, Any], variables: Mapping[str, Any], approved: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        redactor = ManySecrets()
        connection = {each.name: arguments[each.name] for each in CONNECTION}
        redactor.add(find_secret_values(connection))
        estate, examined = self._described(arguments, variables)
        redactor.add(estate.secrets)
        reads = None
        problems = problems_of(examined)
        if problems:
            survey = _unknown([failure(each.path, "refused", each.located) for each in problems])
        else:
            reads = open_reads(connection, arguments["connections"])
            survey = _survey(
                estate.data, examined.tasks, connection, reads, arguments["connections"], _selection(arguments)
            )
        plan = document.build(str(variables.get("inventory_hostname", "")), survey, redactor.censor)
        refusals = list(_refusals(plan, arguments, approved))
        return self._outcome(plan, arguments, reads, refusals)

    def _everything(self, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return that all that is selected may differ."""
        selection = _selection(arguments)
        estate, examined = self._described(arguments, variables)
        problems = problems_of(examined)
        if problems:
            return {"failed": True, "msg": "\n".join(each.located for each in problems)}
        names = [str(entry["name"]) for entry in estate.data.get(INSTANCES) or () if entry]
        names = [name for name in names if selection.takes_instance(name)]
        parts = {owner: selection.parts_of(owner) for owner in ("", *names)}
        return {
            "changed": False,
            "parts": {owner: each for owner, each in parts.items() if each},
            "lines": dict.fromkeys(names, "not compared before"),
            "matched": selection.matched(names),
        }

    def _described(self, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> tuple[Description, Examined]:
        """Return the description with its secrets, and what the validation finds out about it."""
        known = Descriptions(variables, self._templar, self._loader)
        name, folder = arguments["estate"], arguments["estate_dir"]
        estate = known.read_estate(name, folder, reveal=True)
        examined = known.examine_estate(estate, name, folder)
        if arguments["relations"]:
            examined.problems.extend(known.check_relations(arguments["relations"])[1])
        return estate, examined

    def _outcome(
        self,
        plan: Mapping[str, Any],
        arguments: Mapping[str, Any],
        reads: SharedReads | None,
        refusals: Sequence[str],
    ) -> dict[str, Any]:
        lines = [f"{name}: {line}" for name, line in document.summary(plan)]
        told = [*_told(plan, lines), *(line for refusal in refusals for line in refusal.splitlines())]
        if not self._task.no_log:
            for line in told:
                display.display(printable(line, LONGEST_MESSAGE))
        return {
            **({} if arguments["before_run"] or not plan["complete"] else _stats(plan, lines)),
            "changed": self._write(plan, arguments),
            "failed": bool(refusals) or not (plan["complete"] or arguments["before_run"]),
            "msg": "\n".join(refusals) or told[-1],
            "summary": lines,
            "parts": document.parts_to_converge(plan),
            "lines": document.lines(plan),
            "matched": _selection(arguments).matched(plan["instances"]),
            **{name: plan[name] for name in ("digest", "in_step", "complete")},
            **{name: path for name, path in _files(arguments).items() if path},
            "reads": dict(sorted(reads.counts.items())) if reads else {},
            "warnings": reads.warnings if reads else [],
        }

    def _write(self, plan: Mapping[str, Any], arguments: Mapping[str, Any]) -> bool:
        contents = {"dest": document.as_text(plan), "page_dest": page.render(plan)}
        changes = [
            put_file(path, contents[option], option, MODE, dry_run=self._task.check_mode)
            for option, path in _files(arguments).items()
            if path
        ]
        return any(change.changed for change in changes)


def _stats(plan: Mapping[str, Any], lines: Sequence[str]) -> dict[str, Any]:
    """Return what a controller hands on to the next job of its workflow. A large estate has many lines."""
    data = {"gaussdb_plans": {plan["site"]: {"digest": plan["digest"], "summary": list(lines[:MOST_LINES])}}}
    return {"ansible_stats": {"data": data, "per_host": False, "aggregate": True}}


@contextmanager
def _frozen() -> Iterator[None]:
    """Spare the collector of garbage what exists already: it would look through a large estate again and again."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _files(arguments: Mapping[str, Any]) -> dict[str, str | None]:
    dest = arguments["dest"]
    return {"dest": dest, "page_dest": arguments["page_dest"] or (dest and str(Path(dest).with_suffix(".md")))}


def problems_of(examined: Examined) -> list[Problem]:
    """Return what is wrong. What only matters for a new object is left to those who know whether the object is new."""
    return [each for each in examined.problems if not each.warning]


def _selection(arguments: Mapping[str, Any]) -> Selection:
    return Selection(arguments["instances"] or (), arguments["parts"] or (), arguments["resend"])


def _approved(path: str | None) -> dict[str, Any] | None:
    """Return the approved plan."""
    if not path:
        return None
    try:
        return document.read_approved(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError("approved", f"{path} cannot be used: {reason}") from None


def _refusals(
    plan: Mapping[str, Any], arguments: Mapping[str, Any], approved: Mapping[str, Any] | None
) -> Iterator[str]:
    """Yield why a run must not follow the plan."""
    if not arguments["before_run"]:
        return
    site = plan["site"]
    unknown = [each for each in plan["failures"] if not each["part"] or each["kind"] == "refused"]
    digest = arguments["approved_digest"]
    if unknown or ((approved or digest) and not plan["complete"]):
        yield f"Nothing was changed on {site}: its plan is not complete"
    unconfirmed = [name for name in plan["to_confirm"] if name not in (arguments["confirm"] or ())]
    if unconfirmed:
        names = json.dumps(unconfirmed, ensure_ascii=False)
        yield (
            f"Nothing was changed on {site}: the run would remove {', '.join(unconfirmed)}, or something inside, and"
            f" nobody has confirmed that. Confirm with -e '{{\"gaussdb_confirm\": {names}}}'"
        )
    if approved and approved["digest"] != plan["digest"]:
        differing = document.compare(approved, plan)
        more = [f"and {len(differing) - MOST_LINES} more"] if len(differing) > MOST_LINES else []
        if approved["site"] != site:
            differing, more = [f"the approved plan is of {approved['site']}"], []
        lines = "\n".join(f"- {line}" for line in [*differing[:MOST_LINES], *more])
        yield f"Nothing was changed on {site}: the plan is no longer the one that was approved\n{lines}"
    if digest and digest != plan["digest"]:
        yield (
            f"Nothing was changed on {site}: the plan is no longer the one that was approved. Its digest is"
            f" {plan['digest']}, and {digest} was approved. Plan again"
        )


def _survey(
    estate: Mapping[str, Any],
    tasks: Sequence[Checked],
    connection: Mapping[str, Any],
    reads: SharedReads,
    connections: int,
    selection: Selection,
) -> Survey:
    try:
        # The threads cannot each have filters of their own, which a request without verification needs.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Surveyor(estate, tasks, connection, reads, connections, selection).survey()
    finally:
        reads.close()


def _unknown(failures: list[dict[str, Any]]) -> Survey:
    """Return what is known when nothing could be compared."""
    return Survey(Found(failures=failures))


def failure(path: str, kind: str, reason: str) -> dict[str, Any]:
    """Return why nothing could be compared."""
    return {"part": "", "instance": "", "path": path, "kind": kind, "reason": reason}


def _told(plan: Mapping[str, Any], lines: list[str]) -> Iterator[str]:
    """Yield what is shown of a plan, the verdict last."""
    yield from lines
    for entry in plan["failures"]:
        yield f"{entry['path'] or plan['site']}: {entry['reason']}"
    site = plan["site"]
    if not plan["complete"]:
        yield f"The plan of {site} is not complete: {_many(plan['failures'], 'part')} refused or not read"
    elif plan["in_step"]:
        yield f"{site} is in step with its description"
    else:
        yield f"The plan of {site}: {_many(plan['differences'], 'difference')}, {len(plan['pending'])} pending"


def _many(entries: Sequence[Any], word: str) -> str:
    return f"{len(entries)} {word}{'s' * (len(entries) != 1)}"
