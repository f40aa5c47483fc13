#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documents an action of the controller, which has no module: see plugins/action/gaussdb_drift.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_drift
short_description: Give the verdict whether a platform is as described
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Plans the description of a platform, as M(gaussdb.tpops.gaussdb_plan) does, and gives a verdict. It changes nothing
    on the platform.
  - The platform is in step, and the task is ok; or it has drifted, and the task fails; or nobody can tell, and the
    host counts as unreachable. So the exit status of C(ansible-playbook) is 0, 2 or 4, and over several platforms 4
    wins over 2.
  - It cannot tell when the platform does not answer or rejects the login, when a part could not be read or is refused,
    when the description or the baseline has a mistake, and when a variable is not defined or cannot be decrypted.
  - What differs from the description is drift. So is an object that the description lacks, such as a user that
    somebody has created by hand, if the description has other objects of its kind in the same place; otherwise it is
    only reported.
  - What only a procedure can change, such as a newer engine version, is pending. It is reported, and counts as drift
    only with O(pending=true).
  - It sets the statistic C(gaussdb_drift), as M(ansible.builtin.set_stats) does, with O(verdict) and digest of each
    platform, and its record as long as all records together have at most 512 KiB. Ansible takes a statistic only from a
    task that is ok, so this needs O(enforced=false), and a second task with O(verdict).
  - The playbook C(gaussdb.tpops.drift) gives it no other option. An option that is not given has the value of a
    variable of the host, whose templates the action fills in itself. For a connection option this is the variable of
    its name that begins with C(tpops_).
  - This is an action of the controller, which needs a local connection.
extends_documentation_fragment:
  - gaussdb.tpops.connection
attributes:
  check_mode:
    description: Can run in check mode and return changed status without modifying target.
    support: full
    details: In check mode the files are not written.
  diff_mode:
    description: Will return details on what has changed, when in diff mode.
    support: none
    details: It changes nothing, and the page shows what differs.
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
  action_group:
    description: Use C(group/gaussdb.tpops.tpops) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - gaussdb.tpops.tpops
options:
  estate:
    description:
      - Name of the variable with the description of the platform that the inventory host stands for.
    type: str
    default: gaussdb_estate
  estate_dir:
    description:
      - Folder with the description as a tree, in place of O(estate). C(site.yml) holds what concerns the whole
        platform, and each file in C(instances) one instance.
      - Without it the variable C(gaussdb_estate_dir) gives it.
    type: path
  relations:
    description:
      - Name of the variable with relations of disaster recovery. A mistake in them means that nobody can tell.
    type: str
    default: dr_relations
  connections:
    description:
      - Number of connections to the platform. There is one login for all of them.
      - Without it the variable C(gaussdb_plan_connections) gives it.
    type: int
    default: 10
  baseline:
    description:
      - The accepted differences, as a list, or a YAML file with one. A mistake in it means that nobody can tell.
      - Each entry has a C(part) of the description, such as V(parameters), a C(reason), and in C(until) the last day
        on which it is accepted, such as V(2027-01-31). After that day the difference is drift again.
      - C(site), C(instance), C(object) and C(field) say what the entry is about. They are patterns such as V(tmp_*);
        where one is not given, the entry is about all of them. C(value) is the value on the platform that is accepted,
        without it any.
      - Entries that have expired, or that accept nothing any more, are reported.
      - Without it the variable C(gaussdb_drift_baseline) gives it.
    type: raw
  pending:
    description:
      - Whether what only a procedure can change counts as drift.
      - Without it the variable C(gaussdb_drift_pending) gives it.
    type: bool
    default: false
  enforced:
    description: Whether the verdict is the outcome of the task. Otherwise the task is ok.
    type: bool
    default: true
  verdict:
    description: What a task with O(enforced=false) has returned. Nothing is compared, and its verdict is the outcome of
      this task.
    type: dict
  dest:
    description:
      - File for the verdict about each platform of the play as JSON, which only its owner can read. It is also written
        when the task fails. A platform that was not compared, because the run was interrupted, is in it as one of
        which nobody can tell.
      - Without it the variable C(gaussdb_drift_dest) gives it.
    type: path
    default: drift.json
  page_dest:
    description:
      - File for the same as a page of Markdown. By default it has the name of O(dest) with the ending C(.md).
    type: path
seealso:
  - module: gaussdb.tpops.gaussdb_plan
"""

EXAMPLES = r"""
- name: Compare each platform with its description
  hosts: tpops
  gather_facts: false
  connection: local
  # Otherwise ansible-core 2.16 counts an unreachable platform as failed.
  any_errors_fatal: false
  tasks:
    - name: Give the verdict
      gaussdb.tpops.gaussdb_drift:
  vars:
    gaussdb_drift_baseline:
      - part: parameters
        instance: core-prod
        object: max_connections
        value: 3000
        reason: CHG-1234, raised for the year-end run
        until: 2027-01-31
      - part: databases
        instance: test-*
        object: tmp_*
        reason: Developers create these themselves
        until: 2027-06-30
"""

RETURN = r"""
verdict:
  description: V(in_step), V(drift) or V(cannot_tell).
  returned: always
  type: str
  sample: drift
summary:
  description:
    - Lines about what has drifted, what is pending, why nobody can tell, and which entries of the baseline are not
      needed any more.
  returned: always
  type: list
  elements: str
  sample:
    - "core-prod: parameters 2 (restart pending), users +1 ~2"
    - "core-prod: not described: user ghost"
dest:
  description: The file with the verdict about each platform.
  returned: if its name is known
  type: str
  sample: drift.json
page_dest:
  description: The file with the page.
  returned: if its name is known
  type: str
  sample: drift.md
"""
