# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps the record of a procedure: it looks at the members, begins and ends the record, notes steps, judges gates, and
writes the pages.

It only reads. The order of the steps, and the modules that change something, are in the roles of procedures.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_hex
from typing import Any

import jinja2
import yaml
from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.common.parameters import remove_values
from ansible.release import __version__ as ansible_version
from ansible.utils.display import Display

from ansible_collections.gaussdb.tpops.plugins.action.gaussdb_api import ActionModule as ModuleAction
from ansible_collections.gaussdb.tpops.plugins.filter.connection import connection
from ansible_collections.gaussdb.tpops.plugins.filter.host_name import host_name
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.gates import (
    GATE,
    GATES,
    WAIVED,
    critical_alarms,
    judge_gates,
    may_pass_later,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.files import get_file, put_file
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.printable import LONGEST_MESSAGE, printable
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.evidence.artifacts import small_record, statistic
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import page
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.approval import (
    HANDED_ON,
    approved_digests,
    digests_of,
    facts_of,
    unapproved_facts,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.observer import (
    STATE,
    check_looks,
    read_all,
    seen_of,
    unanswered,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.proof import (
    compare_restored,
    proven_at,
    rotation,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.record import (
    BAD,
    OUTCOMES,
    Record,
    utc_now,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.store import (
    FILE_MODE,
    Kept,
    Store,
    as_text,
    earlier_records,
    find_baseline,
    records_in,
    write_copies,
    write_file,
    write_fleet,
    write_record,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.upgrade import (
    OLD,
    UNREAD,
    checks_of_upgrade,
    findings_of,
    key_of,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.verification import (
    BASELINE_LOOKS,
    LOOKS,
    baseline_of,
    check_verification,
    checks_of,
    compare_kept,
    compare_objects,
    compare_parameters,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.view import View, view_of
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.words import in_words, read_words
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.workload import outcome_of_comparison


def _version() -> str:
    """Return the version of the collection. An installed one has MANIFEST.json, a checkout galaxy.yml."""
    root = Path(__file__).resolve().parents[2]
    manifest = root / "MANIFEST.json"
    # JSON is YAML.
    data = yaml.safe_load((manifest if manifest.exists() else root / "galaxy.yml").read_text(encoding="utf-8"))
    return str(data.get("collection_info", data)["version"])


# Loaded and made once, before the workers are forked: the same for all of them.
RUN = f"{utc_now():%Y%m%dT%H%M%S.%fZ}-{token_hex(3)}"
TOOLS = {"collection": _version(), "ansible_core": ansible_version}
page.prepare()
# How the members are looked at, from the begin to the end.
LOOKED_AT = ("relation", "primary_site", "looks", "upgrade", "probe", "patience")
# A name may have 255 bytes, most of which belong to time and procedure.
LONGEST_NAME = 40
# The gate of a run that follows an approval.
AS_APPROVED = "as_approved"

display = Display()

TEXT: dict[str, Any] = {"type": "str", "default": ""}
DATA: dict[str, Any] = {"type": "dict", "default": {}}
LIST: dict[str, Any] = {"type": "list", "elements": "raw", "default": []}
STATES = ("observe", "begin", "recall", "rotate", "note", "judge", "baseline", "verify", "end", "page", "report")
ARGUMENTS: dict[str, Any] = {
    "state": {
        "type": "str",
        "required": True,
        "choices": list(STATES),
    },
    "procedure": {"type": "str"},
    "subject": {"type": "str"},
    "members": {"type": "dict"},
    "relation": DATA,
    "primary_site": TEXT,
    "looks": LIST,
    "upgrade": DATA,
    "probe": {
        "type": "dict",
        "default": {},
        "options": {"timeout": {"type": "int", "default": 5}, "retries": {"type": "int", "default": 1}},
    },
    "patience": {
        "type": "dict",
        "default": {},
        "options": {"tries": {"type": "int", "default": 0}, "interval": {"type": "float", "default": 5}},
    },
    "request": DATA,
    "ticket": TEXT,
    "dest": {"type": "path"},
    "dest_required": {"type": "bool", "default": True},
    "language": {"type": "str", "default": "en"},
    "step": TEXT,
    "site": TEXT,
    "about": LIST,
    "result": DATA,
    "failure": DATA,
    "gates": LIST,
    "observed": DATA,
    "limits": DATA,
    "waived": {"type": "raw"},
    "enforced": {"type": "bool", "default": True},
    "verification": LIST,
    "comparisons": LIST,
    "diagnosis": LIST,
    "loss": DATA,
    "notes": LIST,
    "secrets": {**LIST, "no_log": True},
    "compared_site": TEXT,
    "parameters": LIST,
    "compare_objects": {"type": "bool", "default": True},
    "zones": LIST,
    "restored": {"type": "bool", "default": False},
    "subjects": DATA,
    "limit": {"type": "int", "default": 0},
    "outcome": {"type": "str", "choices": ["", *OUTCOMES], "default": ""},
    "record": {"type": "path"},
    "reports": LIST,
    "sites": LIST,
}
REQUIRED_IF = [
    ["state", "observe", ["members"]],
    ["state", "verify", ["members"]],
    ["state", "begin", ["procedure", "subject", "members", "dest"]],
    ["state", "page", ["record"]],
    ["state", "report", ["reports", "dest"]],
    ["state", "rotate", ["procedure", "dest"]],
]


class ActionModule(ModuleAction):
    """One run looks at the subject, or begins, changes or ends the record of its host."""

    _requires_connection = False
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = {**super(ModuleAction, self).run(tmp, task_vars), "changed": False}
        self.variables = task_vars or {}
        # A procedure within another one has a record of its own.
        nested = self.variables.get("procedure_nested")
        self.host = "/".join(filter(None, [str(self.variables.get("inventory_hostname", "")), nested]))
        self.store = Store(C.DEFAULT_LOCAL_TMP)
        with self._environment():
            try:
                _validation, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS, required_if=REQUIRED_IF)
                return {**result, **self._work(plain(arguments))}
            except TpopsError as error:
                return {**result, "failed": True, **error.as_result()}
            except AnsibleError as error:
                return {**result, "failed": True, "msg": str(error)}

    def _work(self, arguments: dict[str, Any]) -> dict[str, Any]:
        state = arguments["state"]
        if state == "page":
            return _write_page(arguments, bool(self._task.check_mode))
        if state == "report":
            return self._report(arguments)
        if state == "rotate":
            return _rotate(arguments)
        if state == "observe":
            return _shown(self._observe(arguments["members"], arguments))
        if state == "verify":
            return self._verify(arguments)
        if state == "begin":
            return self._begin(arguments)
        kept = self.store.load(self.host)
        if kept is None:
            raise TpopsError("There is no record of this host: state=begin comes first")
        record = Record(kept.record, kept.step_began)
        if state == "end":
            return self._end(arguments, kept, record)
        if state == "recall":
            return {"records": list(earlier_records(kept, arguments["procedure"] or ""))}
        if state == "judge":
            return self._judge(arguments, kept, record)
        if state == "baseline":
            return self._baseline(arguments, kept, record)
        return self._note(arguments, kept, record)

    def _read(
        self,
        members: Mapping[str, str],
        looks: Sequence[str],
        probe: Mapping[str, Any] | None = None,
        patience: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return what was read of each member, by site.

        While a platform does not answer, all are read again: ``tries`` times at most, after the ``interval`` of the
        ``patience``.
        """
        patience = patience or {}
        for left in range(patience.get("tries", 0), -1, -1):
            found = self._read_once(members, looks, probe)
            silent = [site for site in members if unanswered(found[site], looks)]
            if not silent or not left:
                break
            self._tell([f"{', '.join(silent)}: no answer, {left} more attempts"])
            time.sleep(patience["interval"])
        return found

    def _read_once(
        self, members: Mapping[str, str], looks: Sequence[str], probe: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        hosts = self.variables["hostvars"]
        connections = {site: {**plain(connection(hosts[site])), **(probe or {})} for site in members}
        secrets = {str(each[name]) for each in connections.values() for name in ("password", "token") if each.get(name)}
        found = read_all(members, connections, looks, self._progress(self.variables, secrets))
        return dict(remove_values(found, secrets))

    def _observe(self, members: Mapping[str, str], arguments: Mapping[str, Any], patient: bool = True) -> View:
        looks = arguments["looks"]
        check_looks(looks)
        found = self._read(members, (*STATE, *looks), arguments["probe"], arguments["patience"] if patient else None)
        now = utc_now()
        sites = {
            site: seen_of(members[site], results, looks, arguments["upgrade"], now) for site, results in found.items()
        }
        return view_of(sites, arguments["relation"], arguments["primary_site"], now, looks)

    def _verify(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the checks of the instance at ``site``, which was read together with the one to compare it with."""
        sites = [site for site in (arguments["site"], arguments["compared_site"]) if site]
        kept = self.store.load(self.host)
        patience = kept.look["patience"] if kept else None
        found = self._read({site: arguments["members"][site] for site in sites}, LOOKS, patience=patience)
        other = found.get(arguments["compared_site"]) if arguments["compared_site"] else None
        checks = checks_of(found[arguments["site"]], other, arguments["parameters"])
        if arguments["restored"]:
            checks += self._compare_restored(found[arguments["site"]], arguments)
        if not arguments["upgrade"]:
            return {"checks": checks}
        view = self._observe(arguments["members"], arguments)
        site, zones, results = arguments["site"], arguments["zones"], found[arguments["site"]]
        baseline = find_baseline(kept, site) if kept else None
        # What the instance contains is shown for people. That it can be read is checked, and what differs only holds.
        checks += compare_objects(results, baseline if arguments["compare_objects"] else None)
        comparisons = []
        # The parameters of an instance are those of the version that is committed.
        if not zones:
            checks += compare_kept(results, baseline, arguments["parameters"])
            comparisons = [compare_parameters(results, baseline)]
        own = check_verification(checks_of_upgrade(view.sites[site], zones, self._known_alarms(site)))
        own += [{"kind": UNREAD, **each} for each in checks]
        return {**_shown(view), "checks": own, "comparisons": comparisons}

    def _compare_restored(
        self, results: Mapping[str, Mapping[str, Any]], arguments: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Return the checks of what was restored, against the instance that it comes from."""
        kept = self.store.load(self.host)
        baseline = kept.record["baseline"].get(arguments["site"]) if kept else None
        if baseline is None or not arguments["compare_objects"]:
            return []
        return check_verification(compare_restored(results, baseline, arguments["parameters"]))

    def _known_alarms(self, site: str) -> set[str]:
        """Return the critical alarms that were there at the begin, unless the upgrade had begun before."""
        kept = self.store.load(self.host)
        before = kept.record["before"]["sites"][site] if kept else {}
        known = critical_alarms(before) if kept and before["upgrade"]["stage"] == OLD else []
        return {key_of(alarm) for alarm in known}

    def _begin(self, arguments: dict[str, Any]) -> dict[str, Any]:
        read_words(arguments["language"])
        view = self._observe(arguments["members"], arguments, patient=False)
        now, subject = utc_now(), arguments["subject"]
        hosts = self.variables["hostvars"]
        record = Record.begin(
            now,
            **{name: arguments[name] for name in ("procedure", "subject", "members", "looks", "request", "ticket")},
            before=view.snapshot,
            figures=view.figures,
            samples=view.samples,
            endpoints={site: str(hosts[site].get("tpops_endpoint") or "") for site in arguments["members"]},
            run=RUN,
            run_by=_user(self.variables),
            awx=_awx(self.variables),
            check_mode=bool(self._task.check_mode),
            tools=TOOLS,
        )
        # With microseconds, because another run may begin in the same second.
        name = f"{now:%Y%m%dT%H%M%S.%fZ}-{arguments['procedure']}-{file_name(subject)}"
        kept = Kept(record.data, name, arguments["dest"], arguments["language"])
        kept.look = {name: arguments[name] for name in LOOKED_AT}
        self._keep(kept, record)
        if kept.problem and arguments["dest_required"]:
            raise TpopsError(f"The evidence cannot be written, so nothing is done: {kept.problem}")
        self._tell([_state(subject, view.summary)])
        return _shown(view)

    def _note(self, arguments: dict[str, Any], kept: Kept, record: Record) -> dict[str, Any]:
        now, problem = utc_now(), ""
        # The user's own tasks may have put a secret into a check or a failure.
        arguments = dict(remove_values(arguments, {str(secret) for secret in arguments["secrets"] if secret}))
        record.add_result(arguments["result"])
        if arguments["failure"]:
            record.fail_step(now, arguments["failure"])
        if arguments["step"]:
            record.begin_step(now, arguments["step"], arguments["site"], arguments["about"])
        added = {name: arguments[name] for name in ("loss", "notes", "diagnosis") if arguments[name]}
        if arguments["loss"]:
            loss = arguments["loss"]
            known = f" (RPO as known at {loss['known_by']})" if "known_by" in loss else ""
            self._tell([f"LOST: {in_words(loss, 'losses')}{known}"])
        if arguments["gates"]:
            judged = self._judged(arguments, arguments["observed"], record)
            self._tell(gate_lines(judged))
            problem = gates_problem(judged, (record.step or {}).get("instance", ""))
        if arguments["verification"]:
            added["verification"] = check_verification(arguments["verification"])
            problem = verification_problem(added["verification"], (record.step or {}).get("instance", ""))
        if arguments["comparisons"]:
            added["comparisons"] = arguments["comparisons"]
            self._tell(comparison_lines(arguments["comparisons"]))
            problem = problem or comparisons_problem(arguments["comparisons"])
        record.add(added)
        self._keep(kept, record)
        if problem:
            return {"failed": True, "msg": problem}
        last = kept.record["steps"][-1] if arguments["failure"] else {"name": "", "jobs": []}
        found = {"failed_step": last["name"], "findings": findings_of(last, kept.record["verification"])}
        if not kept.record["ended"]:
            return found
        if kept.problem:
            write_copies(self.store, kept)
        elif not kept.record["check_mode"]:
            self._tell([f"SHA-256 of the JSON file with this note: {kept.digest}"])
        return {**found, **self._statistics(kept)}

    def _judged(
        self, arguments: Mapping[str, Any], observed: Mapping[str, Any], record: Record
    ) -> list[dict[str, Any]]:
        names = list(arguments["gates"])
        # Before ansible-core 2.19 a template whose value is null becomes an empty text.
        observed = {name: None if value == "" else value for name, value in observed.items()}
        approved = approved_digests(plain(self.variables.get(HANDED_ON)), record.data)
        # What was approved does not change between the gates of one run.
        if approved is not None and AS_APPROVED not in {gate["name"] for gate in record.data["gates"]}:
            names.append(AS_APPROVED)
            observed["unapproved_facts"] = unapproved_facts(approved, facts_of(record.data))
        judged = judge_gates(names, observed, arguments["limits"], arguments["waived"], arguments["enforced"])
        record.judge(judged)
        return judged

    def _judge(self, arguments: dict[str, Any], kept: Kept, record: Record) -> dict[str, Any]:
        """Judge gates with the members and the sessions as they are now, so that it can be tried again."""
        site, members = arguments["site"], kept.record["members"]
        view = self._observe(members, kept.look)
        read = self._read({site: members[site]}, ("sessions",), patience=kept.look["patience"])
        sessions = read[site]["sessions"].get("sessions")
        seen = {"sites": view.sites, "state": view.state, "sessions": sessions}
        judged = self._judged(arguments, {**arguments["observed"], **seen}, record)
        self._keep(kept, record)
        later = may_pass_later(judged)
        # While it is tried again, only what fails is shown.
        self._tell(gate_lines([entry for entry in judged if not later or entry["outcome"] == "failed"]))
        problem = gates_problem(judged, members[site])
        return {"may_pass_later": later, **({"failed": True, "msg": problem} if problem else {})}

    def _baseline(self, arguments: dict[str, Any], kept: Kept, record: Record) -> dict[str, Any]:
        """Record what the instance at ``site`` has before something changes it."""
        site = arguments["site"]
        members = {site: kept.record["members"][site]}
        found = self._read(members, BASELINE_LOOKS, patience=kept.look["patience"])[site]
        option = "proof_parameters" if kept.record["procedure"] == "backup_proof" else "upgrade_keep_parameters"
        record.data["baseline"][site] = baseline_of(found, arguments["parameters"], option)
        self._keep(kept, record)
        return {}

    def _end(self, arguments: dict[str, Any], kept: Kept, record: Record) -> dict[str, Any]:
        record.add_result(arguments["result"])
        view = self._observe(kept.record["members"], kept.look, patient=False)
        record.add_samples(view.samples)
        record.end(
            utc_now(),
            after=view.snapshot,
            end_state=view.summary,
            good_end=view.good_end,
            outcome=arguments["outcome"],
        )
        self._keep(kept, record)
        written = not (kept.record["check_mode"] or kept.problem)
        fleet = write_fleet(self.store, kept) if written else ""
        files = [kept.path, kept.page_path] if written else []
        files += [fleet] if fleet else []
        subject, outcome = kept.record["subject"], kept.record["outcome"]
        if kept.problem:
            display.display(as_text(kept.record))
        self._tell(
            [
                f"{kept.record['procedure']} of {subject}: {outcome}",
                *([_state(subject, kept.record["end_state"])] if kept.record["end_state"] else []),
                *_evidence_lines(kept, written, fleet),
            ]
        )
        return {
            "record": kept.record,
            "outcome": outcome,
            "bad": outcome in BAD,
            "msg": verdict(kept.record),
            "digest": kept.digest,
            "files": files,
            "copies": write_copies(self.store, kept) if kept.problem else files,
            **self._statistics(kept),
        }

    def _report(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Write one page of all subjects as they are. The statistics have the reports, too."""
        reports, folder = arguments["reports"], arguments["dest"]
        path = f"{folder}/{utc_now():%Y%m%dT%H%M%S.%fZ}-status.html"
        text = page.render("status", arguments["language"], reports=reports, sites=arguments["sites"])
        whole = {each["relation"]: each for each in reports}
        found = statistic("gaussdb_reports", whole) if small_record(whole) else {}
        if self._task.check_mode:
            self._tell(["No page is written in check mode"])
            return {"files": [], **found}
        try:
            write_file(path, text)
        except TpopsError as error:
            self._tell(
                [
                    f"WARNING: the page cannot be written to {folder}: {error.message}. Its content is above. Set the "
                    "folder with gaussdb_evidence_dir"
                ]
            )
            return {"files": [], **statistic("gaussdb_reports", whole)}
        self._tell([f"All sites on one page: {path}"])
        return {"files": [path], **found}

    def _keep(self, kept: Kept, record: Record) -> None:
        """Write the record for the next task and, except in check mode, for the user.

        Where the user's folder cannot be written, it is reported once.
        """
        kept.record, kept.step_began, before = record.data, record.step_began, kept.problem
        if not kept.record["check_mode"]:
            try:
                write_record(kept)
                kept.problem = ""
            except TpopsError as error:
                kept.problem = error.message
        self.store.save(self.host, kept)
        if kept.problem and not before:
            self._tell(
                [
                    f"WARNING: the evidence cannot be written to {kept.folder}: {kept.problem}. The "
                    f"{kept.record['procedure']} continues and shows the record at its end. Set the folder with "
                    "gaussdb_evidence_dir"
                ]
            )

    def _statistics(self, kept: Kept) -> dict[str, Any]:
        """Return what sets the statistic of the run: the whole record too, if all of them are small enough."""
        record = kept.record
        stats = {name: record[name] for name in ("procedure", "outcome", "good_end", "end_state", "loss")}
        stats["figures"] = [
            {**figure, "samples": len(figure["samples"]), "last": (figure["samples"] or [{}])[-1].get("value")}
            for figure in record["figures"]
        ]
        stats |= {
            "facts": digests_of(facts_of(record)),
            "digest": kept.digest,
            **small_record(record, len(self.variables.get("ansible_play_hosts_all") or ())),
        }
        return statistic(HANDED_ON, {record["subject"]: stats})

    def _tell(self, lines: Sequence[str]) -> None:
        if not self._task.no_log:
            for line in lines:
                display.display(printable(line, LONGEST_MESSAGE))


def _rotate(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return whose turn it is. ``subjects`` has the members of each host."""
    subjects = arguments["subjects"]
    found: dict[str, list[dict[str, Any]]] = {host: [] for host in subjects}
    for _name, record in records_in(arguments["dest"], f"{arguments['procedure']}-*"):
        for host, members in subjects.items():
            if record.get("members") == members:
                found[host].append(record)
    proven = {host: at for host, records in found.items() if (at := proven_at(records))}
    names = {host: ", ".join(members.values()) for host, members in subjects.items()}
    return {"chosen": rotation(names, proven, arguments["limit"], utc_now().date()), "proven": proven}


def _shown(view: View) -> dict[str, Any]:
    """Return what tasks need of a view."""
    return {"sites": view.sites, "state": view.state, "snapshot": view.snapshot}


def gate_lines(gates: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a line for each gate: name, outcome, value and limit, and what to do where it is only noted."""
    return [
        " | ".join(
            [
                gate["name"],
                str(in_words(gate["outcome"], "outcomes")),
                *_value_and_limit(gate),
                *([str(in_words(gate, "ways_out"))] if gate["outcome"] == "noted" else []),
            ]
        )
        for gate in gates
    ]


def gates_problem(gates: Sequence[Mapping[str, Any]], instance: str = "") -> str:
    """Return which gates fail and what to do about each, ``""`` if none does."""
    failed = [gate for gate in gates if gate["outcome"] == "failed"]
    if not failed:
        return ""
    values = " ".join(
        f"{': '.join([gate['name'], *_value_and_limit(gate)])}. {in_words(gate, 'ways_out')}." for gate in failed
    )
    names = ",".join(gate["name"] for gate in failed if GATES[gate["name"]].kind == GATE)
    waive = f" Or waive the gate by name, which the evidence shows: {WAIVED}={names}" if names else ""
    where = f" for {instance}" if instance else ""
    return f"{len(failed)} of {len(gates)} gates failed{where}: {values}{waive}"


def _value_and_limit(gate: Mapping[str, Any]) -> list[str]:
    return [str(in_words(gate, section)) for section in ("gate_values", "gate_limits")]


def verification_problem(checks: Sequence[Mapping[str, Any]], instance: str) -> str:
    """Return which checks failed, ``""`` if none did."""
    failed = [check for check in checks if check["passed"] is False]
    values = [
        f"{in_words(check, 'checks')}: {in_words(check, 'check_values')} "
        f"({in_words('expected', 'marks')}: {in_words(check, 'check_expectations')})"
        for check in failed
    ]
    return f"The verification of {instance} failed: {'; '.join(values)}" if failed else ""


def comparison_lines(comparisons: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a line for each comparison: name, outcome, value and limit."""
    sections = ("workload_values", "workload_limits")
    return [
        " | ".join(
            str(text)
            for text in (
                in_words(each, "workloads"),
                in_words(outcome_of_comparison(each), "outcomes"),
                *(in_words(each, section) for section in sections),
            )
        )
        for each in comparisons
    ]


def comparisons_problem(comparisons: Sequence[Mapping[str, Any]]) -> str:
    """Return which comparisons failed, ``""`` if none did."""
    failed = [each for each in comparisons if each["passed"] is False]
    values = [f"{in_words(each, 'workloads')}: {in_words(each, 'workload_values')}" for each in failed]
    return f"The workload is slower than before: {'; '.join(values)}" if failed else ""


def verdict(record: Mapping[str, Any]) -> str:
    """Return the last message of a run: its outcome and what failed."""
    failed = [f"{in_words(step, 'steps')}: {step['message']}" for step in record["steps"] if step["message"]]
    return "; ".join(failed) or f"{record['procedure']} of {record['subject']}: {record['outcome']}"


def file_name(subject: str) -> str:
    """Return the name of a subject as a part of a file's name: that of its host, cut if it is long."""
    name = host_name(subject)
    return name if len(name) <= LONGEST_NAME else f"{name[:30]}-{host_name('/' + subject)[-8:]}"


def plain(value: Any) -> Any:
    """Return data in the types of JSON."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if value is None or isinstance(value, bool):
        return value
    return int(value) if isinstance(value, int) else float(value) if isinstance(value, float) else str(value)


def _state(subject: str, summary: Sequence[Any]) -> str:
    return f"{subject}: {', '.join(in_words(summary, 'summary'))}"


def _evidence_lines(kept: Kept, written: bool, fleet: str) -> list[str]:
    if not written:
        return [
            "Evidence: none in check mode"
            if kept.record["check_mode"]
            else f"Evidence: the record above, because {kept.folder} (gaussdb_evidence_dir) cannot be written"
        ]
    lines = [f"Evidence: {kept.page_path}", f"SHA-256 of the JSON file next to it: {kept.digest}"]
    return [*lines, f"All of this run: {fleet}"] if fleet else lines


def _write_page(arguments: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Write the page of a record next to its file."""
    path, language = os.path.abspath(arguments["record"]), arguments["language"]
    read_words(language)
    content = get_file(path, "record")
    dest = f"{os.path.splitext(path)[0]}.{language}.html"
    try:
        text = page.render_record(content, os.path.splitext(os.path.basename(path))[0], language)
    except (ValueError, TypeError, AttributeError, LookupError, jinja2.TemplateError) as error:
        raise TpopsError(f"No page can be created from {path}: {error}") from None
    change = put_file(dest, text, "record", FILE_MODE, dry_run=check_mode)
    digests = {"record_digest": hashlib.sha256(content).hexdigest(), "page_digest": _digest(text)}
    return {"changed": change.changed, "files": [dest], **statistic("gaussdb_page", {dest: digests})}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _user(variables: Mapping[str, Any]) -> str:
    home = os.path.basename(os.environ.get("HOME", ""))
    return str(variables.get("awx_user_name") or os.environ.get("USER") or home)


def _awx(variables: Mapping[str, Any]) -> dict[str, str]:
    names = {"job_id": "awx_job_id", "launched_by": "awx_user_name", "workflow_job_id": "awx_workflow_job_id"}
    return {key: str(variables[name]) for key, name in names.items() if variables.get(name)}
