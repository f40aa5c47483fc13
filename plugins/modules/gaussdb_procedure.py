#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documents an action of the controller, which has no module: see plugins/action/gaussdb_procedure.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_procedure
short_description: Keep the record of a procedure
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Keeps the record of what a procedure, such as a failover, does with its subject, the host of the play. A task begins
    it, the tasks of a procedure note their steps in it, and a task ends it.
  - The record is a JSON file of codes and values. It is written at the begin, before each step, and at the end, so that
    a run that dies leaves the step that it was in. A page in HTML follows at the end, and, for several subjects, one
    page of all of them.
  - At the end it sets the statistic C(gaussdb_evidence), as M(ansible.builtin.set_stats) does. For each subject it has
    outcome, end state, figures and digest, and the whole record as long as all records together have at most 512 KiB.
    V(page) sets C(gaussdb_page) with the digests of record and page, and V(report) C(gaussdb_reports).
  - It reads the members at the begin and at the end, all of them at the same time, with the connections of their
    inventory hosts. A platform that does not answer is recorded as such.
  - This is an action of the controller. It changes nothing on a platform, and it fails only for a gate, a failed
    verification or wrong options. The role C(gaussdb.tpops.procedure) uses it.
attributes:
  check_mode:
    description: Can run in check mode and return changed status without modifying target.
    support: full
    details: In check mode no evidence is written.
  diff_mode:
    description: Will return details on what has changed, when in diff mode.
    support: none
  idempotent:
    description: A second run with the same options changes nothing.
    support: N/A
    details: Each run has a record of its own.
options:
  state:
    description:
      - V(begin) reads the members and starts the record of the host.
      - V(recall) returns the earlier records of the same subject in the folder, the newest first, those of the same
        procedure or of O(procedure).
      - V(rotate) returns as C(chosen) which of the O(subjects) were not the subject of a O(procedure) that ended well
        for the longest time, by the records in O(dest). Without any record it goes by the ISO week.
      - V(note) adds to it.
      - V(end) reads the members again and completes it.
      - V(observe) only reads the members.
      - V(judge) judges O(gates) as V(note) does, with the members and the sessions of O(site) as they are now.
      - V(baseline) records databases, users and parameters of the instance at O(site), for a later V(verify). A run
        that takes up an upgrade uses that of the run which began it, if its record is in the same folder.
      - V(verify) reads an instance that has taken over or is upgraded, and compares it.
      - V(page) writes the page of the finished or unfinished O(record) of any run.
      - V(report) writes one page of the O(reports) of several subjects, without a record.
    type: str
    choices: [observe, begin, recall, rotate, note, judge, baseline, verify, end, page, report]
    required: true
  procedure:
    description: Name of the procedure, such as V(failover). Required with O(state=begin) and O(state=rotate).
      The variable C(procedure_nested) tells the record of a procedure that is a part of another one from that one's.
    type: str
  subject:
    description: What people call the object of the procedure. Required with O(state=begin).
    type: str
  members:
    description: The names of the instances, by the inventory host of their platform. Required with O(state=begin),
      O(state=observe) and O(state=verify).
    type: dict
  relation:
    description: The description of the disaster recovery relation between the members, if they have one.
    type: dict
    default: {}
  primary_site:
    description: The site that should be the primary of O(relation), if not the one in its description.
    type: str
    default: ""
  looks:
    description:
      - What else to read of the members than status, relation and alarms. V(components) adds C(nodes), each with its
        components, addresses and condition; V(backups) adds C(newest_backup); V(upgrades) adds C(upgrade).
      - The first one sums up the members at the end of the run.
    type: list
    elements: raw
    default: []
  patience:
    description:
      - How often to read again, C(tries), while a platform does not answer, and after how many seconds, C(interval).
      - With O(state=begin) it is for what comes after the begin and before the end. Those two read once.
    type: dict
    default: {}
    suboptions:
      tries:
        description: The number of further attempts.
        type: int
        default: 0
      interval:
        description: Seconds between two attempts.
        type: float
        default: 5
  upgrade:
    description:
      - The upgrade of the members, if there is one, with C(version), C(strategy) and the C(window) in which it may
        change something.
    type: dict
    default: {}
  probe:
    description: How patient the reads are. A platform that is down must not delay a run.
    type: dict
    default: {}
    suboptions:
      timeout:
        description: Seconds until a platform that does not answer counts as silent.
        type: int
        default: 5
      retries:
        description: Number of retries.
        type: int
        default: 1
  request:
    description: What the user has requested, without secrets.
    type: dict
    default: {}
  ticket:
    description: The number of the change request.
    type: str
    default: ""
  dest:
    description: Folder for the evidence, created if missing. Required with O(state=begin), O(state=report) and
      O(state=rotate).
    type: path
  dest_required:
    description:
      - Whether the task fails if O(dest) cannot be written. Otherwise the record is shown at the end.
    type: bool
    default: true
  language:
    description: Language of the pages, V(en) or V(zh). With O(state=note) and O(state=end) it is that of the begin.
    type: str
    default: en
  step:
    description:
      - Code of the step that begins. The step before it ends.
    type: str
    default: ""
  site:
    description: The inventory host of the platform on which O(step) works, or of the instance to verify.
    type: str
    default: ""
  about:
    description: What O(step) is about, such as the zones that it upgrades.
    type: list
    elements: raw
    default: []
  result:
    description: What the module of the current step has returned.
    type: dict
    default: {}
  failure:
    description: What the task that failed has returned, usually C(ansible_failed_result). It ends the current step.
    type: dict
    default: {}
  gates:
    description: Names of gates to judge. The task fails if one of them does not pass.
    type: list
    elements: raw
    default: []
  observed:
    description: What the gates look at.
    type: dict
    default: {}
  limits:
    description: What the gates allow.
    type: dict
    default: {}
  waived:
    description:
      - Names of gates that need not pass, as a list or separated by commas. Neither all of O(gates), nor one without
        which the operation cannot work.
    type: raw
  enforced:
    description: Whether a gate that does not pass fails the task. An operation that has started is not stopped.
    type: bool
    default: true
  verification:
    description:
      - Checks, each with C(name), C(value) and C(expected), and C(passed) unless the two decide. The task fails if one
        has not passed.
    type: list
    elements: raw
    default: []
  comparisons:
    description:
      - Comparisons, as P(gaussdb.tpops.workload_changes#filter) returns them. The task fails if one has failed.
    type: list
    elements: raw
    default: []
  diagnosis:
    description: What was seen of members after a failure, each with C(site), C(instance), C(time), C(status),
      C(unhealthy), C(nodes), C(alarms) and C(snapshot).
    type: list
    elements: raw
    default: []
  loss:
    description: What is lost, with C(code) and its values.
    type: dict
    default: {}
  notes:
    description: Notes, each with C(code) and its values.
    type: list
    elements: raw
    default: []
  secrets:
    description: Texts that O(state=note) must not record. They are replaced wherever a value of the task has them.
    type: list
    elements: raw
    default: []
  compared_site:
    description: The inventory host of the platform of the instance to compare with, for O(state=verify).
    type: str
    default: ""
  parameters:
    description: Names of the parameters that must be the same, for O(state=baseline) and O(state=verify).
    type: list
    elements: raw
    default: []
  compare_objects:
    description: Whether databases and users must be the same as in the baseline, for O(state=verify) of an upgrade or
      of what was restored.
    type: bool
    default: true
  zones:
    description: The zones that should be upgraded, for O(state=verify). Without any, O(upgrade) should be committed.
    type: list
    elements: raw
    default: []
  restored:
    description: Whether the instance to verify was restored from the one of the baseline, for O(state=verify).
    type: bool
    default: false
  subjects:
    description: The members of each subject, as O(members), by the name of its host, for O(state=rotate).
    type: dict
    default: {}
  limit:
    description: How many of the subjects to choose, all with V(0), for O(state=rotate).
    type: int
    default: 0
  outcome:
    description:
      - Outcome, for O(state=end), if it does not follow from the steps.
    type: str
    choices: ["", unchanged, planned, done, paused, held, rolled_back, failed]
    default: ""
  record:
    description: The JSON file of a record. Required with O(state=page), which writes the page next to it.
    type: path
  reports:
    description: The reports of relations, as the role C(gaussdb.tpops.dr) makes them. Required with O(state=report).
    type: list
    elements: raw
    default: []
  sites:
    description: What was read of whole sites, for O(state=report). Each has name, address, relations and alarms.
    type: list
    elements: raw
    default: []
"""

EXAMPLES = r"""
- name: Begin the record
  gaussdb.tpops.gaussdb_procedure:
    state: begin
    procedure: switchover
    subject: orders
    members: {site-a: orders-prod, site-b: orders-dr}
    dest: evidence

- name: Note the step that begins
  gaussdb.tpops.gaussdb_procedure:
    state: note
    step: switch_over
    site: site-b

- name: Create the page of a record in Chinese
  gaussdb.tpops.gaussdb_procedure:
    state: page
    record: evidence/20261125T003327.104772Z-failover-orders.json
    language: zh
"""

RETURN = r"""
sites:
  description:
    - What was seen of each member, by site. With O(upgrade), the key C(upgrade) says how far it is.
  returned: with O(state=begin) and O(state=observe), and with O(state=verify) of an upgrade
  type: dict
  sample: {site-a: {reachable: true, silent: false, instance: orders-prod, instance_status: ACTIVE}}
state:
  description: What follows from this for the relation, as P(gaussdb.tpops.dr_state#filter) returns it.
  returned: with O(state=begin) and O(state=observe)
  type: dict
  sample: {primaries: [site-a], status: normal, protected: true}
snapshot:
  description: Both, as the record has them.
  returned: with O(state=begin) and O(state=observe)
  type: dict
  sample: {time: "2026-01-05T08:00:00Z", primary: [site-a], protected: true}
may_pass_later:
  description: Whether all gates that failed may pass by themselves after a while.
  returned: with O(state=judge)
  type: bool
  sample: false
failed_step:
  description: Name of the step that O(failure) has ended.
  returned: with O(state=note)
  type: str
findings:
  description: The kinds of what that step has found of an upgrade, as O(failure) and the last O(verification) show it,
    such as V(components), V(critical_alarm), V(tasks), V(job) or V(unread).
  returned: with O(state=note)
  type: list
  elements: str
checks:
  description: The checks of an instance that has taken over or is upgraded, for O(verification).
  returned: with O(state=verify)
  type: list
  elements: dict
  sample:
    - {name: databases, value: [orders, postgres], expected: [orders, postgres], passed: true}
    - {name: sessions, value: 3, passed: true}
comparisons:
  description: The comparison of the parameters of an instance whose upgrade is committed, for O(comparisons).
  returned: with O(state=verify) of an upgrade
  type: list
  elements: dict
  sample:
    - {name: parameters, before: 300, after: [{parameter: max_connections, before: "200", after: "300"}], passed: true}
record:
  description: The record.
  returned: with O(state=end)
  type: dict
  sample: {schema: 2, procedure: switchover, subject: orders, outcome: done}
outcome:
  description:
    - V(unchanged), V(planned) (check mode), V(done) or V(paused).
    - V(held) (a person has to decide how to go on), V(rolled_back) or V(failed).
  returned: with O(state=end)
  type: str
  sample: done
bad:
  description: Whether the outcome is V(held), V(rolled_back) or V(failed).
  returned: with O(state=end)
  type: bool
  sample: false
msg:
  description: The outcome, and what failed.
  returned: with O(state=end)
  type: str
  sample: "switchover of orders: done"
digest:
  description: SHA-256 of the JSON file.
  returned: with O(state=end)
  type: str
files:
  description: The files that were written.
  returned: with O(state=end), O(state=page) and O(state=report)
  type: list
  elements: str
copies:
  description: The files to send with M(gaussdb.tpops.gaussdb_evidence). These are RV(files), or, where O(dest) cannot
    be written, copies that are removed at the end of the run.
  returned: with O(state=end)
  type: list
  elements: str
"""
