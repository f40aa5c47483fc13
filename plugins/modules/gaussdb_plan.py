#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documents an action of the controller, which has no module: see plugins/action/gaussdb_plan.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_plan
short_description: Plan what a description would change on its platform
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Compares the whole description of a platform with the platform, in one task and over several connections, by the
    same code as the check mode of the modules. It changes nothing on the platform.
  - The description is validated before the first request, as M(gaussdb.tpops.gaussdb_validate) does it. If it cannot
    be read, or is not valid, that is the plan, and the task fails.
  - The plan is a file for programs, O(dest), and a page for people, O(page_dest), such as for a merge request.
    Neither contains secrets, only whether one is set.
  - Apart from differences the plan lists what the platform has and the description lacks, what only a procedure can
    change, what cannot be compared because the platform does not show it, and what could not be read. If something
    could not be read or would be refused, the task fails after it has written the plan.
  - Unless a run follows, it sets the statistic C(gaussdb_plans), as M(ansible.builtin.set_stats) does. For each
    platform this has the digest and the first lines of the summary. The next job of a workflow gets it.
  - This is an action of the controller, which needs a local connection. The playbook C(gaussdb.tpops.plan) runs it.
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
    details: The plan itself shows what differs.
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
      - It is the name and not the value, so that a plan with a value that cannot be decrypted says so.
    type: str
    default: gaussdb_estate
  estate_dir:
    description:
      - Folder with the description as a tree, in place of O(estate). C(site.yml) holds what concerns the whole
        platform, and each file in C(instances) one instance.
    type: path
  relations:
    description:
      - Name of the variable with relations of disaster recovery, which are validated too, if there are any. A plan
        does not compare them.
    type: str
  connections:
    description:
      - Number of connections to the platform. There is one login for all of them.
      - A platform that answers with HTTP 429 or 503, or slowly, gets fewer requests at a time.
    type: int
    default: 10
  dest:
    description:
      - File for the plan as JSON, which only its owner can read. Without it no file is written.
    type: path
  page_dest:
    description:
      - File for the plan as a page of Markdown. By default it has the name of O(dest) with the ending C(.md).
    type: path
  instances:
    description:
      - Names of instances, or patterns such as V(core-*), to which the plan is limited. It has nothing else of the
        platform then. Without any it is about everything.
    type: list
    elements: str
  parts:
    description:
      - Names of the parts of the description to which the plan is limited, such as V(users). Without any it is about
        all of them.
    type: list
    elements: str
    choices:
      - data_centers
      - key_pairs
      - hosts
      - instances
      - parameters
      - extensions
      - dr_log_keep
      - backup_policy
      - backup_config
      - roles
      - users
      - databases
      - schemas
      - privileges
      - sql_throttles
      - sql_patches
      - inspection_scenes
      - inspections
      - alarm_policies
      - dbmind_instances
  resend:
    description:
      - Whether what the platform does not show, such as most privileges, is sent although nothing about it is new.
        Otherwise it is sent only if the same run creates something that it is about.
    type: bool
    default: false
  before_run:
    description:
      - Whether a run follows, which converges RV(parts). What could not be read is left to the run. The task fails
        for what the run must not do, before its first write.
    type: bool
    default: false
  compare:
    description:
      - Whether the description is compared with the platform. With V(false) nothing is read, and everything that is
        selected counts as differing. This needs no connection.
    type: bool
    default: true
  confirm:
    description:
      - Names of the instances that may be removed, or from which users and roles may be removed because a list is
        exclusive. With O(before_run=true) the task fails if the description removes more.
    type: list
    elements: str
  approved:
    description:
      - File with the plan that was approved. With O(before_run=true) the task fails if the plan as it is now has
        another digest, and says what differs.
    type: path
  approved_digest:
    description:
      - The digest of the plan that was approved, where its file is no longer there. With O(before_run=true) the task
        fails if the plan as it is now has another one.
    type: str
seealso:
  - module: gaussdb.tpops.gaussdb_validate
"""

EXAMPLES = r"""
- name: Plan what would change
  gaussdb.tpops.gaussdb_plan:
    dest: plan.json
  register: planned

- name: Show what differs
  ansible.builtin.debug:
    msg: "{{ planned.summary }}"
"""

RETURN = r"""
digest:
  description:
    - Identifies what the plan does. Two plans with the same digest do the same to the same objects. It depends
      neither on order nor on time, IDs or secrets.
  returned: always
  type: str
  sample: sha256:9f2c5b1e0a7d4c3b8e6f1a2d3c4b5a69788796a5b4c3d2e1f00112233445566f
in_step:
  description: Whether the platform is as described, as far as it can be compared.
  returned: always
  type: bool
complete:
  description: Whether everything could be read, and nothing is refused. Otherwise the task fails.
  returned: always
  type: bool
summary:
  description: A line for the platform and for each instance, about what differs there. Others have no line.
  returned: always
  type: list
  elements: str
  sample:
    - "core-prod: parameters 2 (restart pending), users +1 ~2"
    - "cards-prod: database fraud new"
parts:
  description: The parts that a run has to converge, by instance, those of the platform by an empty name. What could not
    be read is among them, and so is all of an instance on which the platform is working, or which is in trouble.
  returned: always
  type: dict
  sample:
    core-prod: [parameters, users]
    cards-prod: [databases]
lines:
  description: A line for each instance, and one for the platform if there is something to say, by an empty name.
  returned: always
  type: dict
  sample:
    core-prod: parameters 2 (restart pending), users +1 ~2
    ledger-prod: in step
matched:
  description: Those of O(instances) that match an instance of the description.
  returned: always
  type: list
  elements: str
  sample: ["core-*"]
dest:
  description: The file with the plan.
  returned: when O(dest) is given
  type: str
page_dest:
  description: The file with the page.
  returned: when O(dest) or O(page_dest) is given
  type: str
reads:
  description: The number of reads by operation. All pages of a list count as one.
  returned: always
  type: dict
  sample: {list_instances: 1, list_users: 2, list_databases: 2}
"""
