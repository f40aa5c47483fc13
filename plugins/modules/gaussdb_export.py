#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documents an action of the controller, which has no module: see plugins/action/gaussdb_export.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_export
short_description: Describe a running platform as a tree of files
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Reads a platform in one task and over several connections, and writes its description in the form that
    C(gaussdb_estate_dir) names. C(site.yml) holds what concerns the whole platform, and each file in C(instances)
    one instance. It changes nothing on the platform.
  - The plan of such a description has no difference, as long as nobody changes the platform. The same platform is
    described by the same bytes, so that a commit to Git shows what has changed.
  - Each secret is the name of a variable, such as C(vault_orders_prod_orders_app_password). C(vault.example.yml)
    lists these names. Only new objects need the values.
  - What the platform does not show is a comment with the reason. The users of a stopped instance are an example.
    C(docs/estate.md) of the collection says for each part how it is read. Instances whose creation has failed and
    inspections or throttling tasks that are over are not described.
  - A file that this action has not written is never changed. The first line of a file says whether it has. The file
    of an instance that does not exist any more is removed.
  - If something could not be read, the file that it belongs to is left as it is. The task fails after it has written
    the others.
  - This is an action of the controller, which needs a local connection. The playbook C(gaussdb.tpops.export) runs it.
extends_documentation_fragment:
  - gaussdb.tpops.connection
attributes:
  check_mode:
    description: Can run in check mode and return changed status without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed, when in diff mode.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
  action_group:
    description: Use C(group/gaussdb.tpops.tpops) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - gaussdb.tpops.tpops
options:
  dest:
    description:
      - Folder for the files. It is created if necessary.
      - If it has a file of one of these names that no export of this platform has written, the task fails and writes
        nothing.
    type: path
    required: true
  instances:
    description:
      - Names of instances, or patterns such as V(core-*), to which the export is limited. No other file than theirs and
        C(vault.example.yml) is written, and none is removed.
      - Without any the whole platform is described.
    type: list
    elements: str
    default: []
  connections:
    description:
      - Number of connections to the platform. There is one login for all of them.
      - A platform that answers with HTTP 429 or 503, or slowly, gets fewer requests at a time.
    type: int
    default: 10
  extension_keys:
    description:
      - Keys of the extended information to read of each instance. The platform cannot list them.
    type: list
    elements: str
    default: [BackupSet, XbsaRoute]
seealso:
  - module: gaussdb.tpops.gaussdb_plan
  - module: gaussdb.tpops.gaussdb_validate
"""

EXAMPLES = r"""
- name: Describe the platform
  gaussdb.tpops.gaussdb_export:
    dest: estate

- name: Describe two instances again
  gaussdb.tpops.gaussdb_export:
    dest: estate
    instances: [orders-prod, "ledger-*"]
"""

RETURN = r"""
dest:
  description: The folder.
  returned: always
  type: str
instances:
  description: Names of the described instances.
  returned: always
  type: list
  elements: str
  sample: [ledger-prod, orders-prod]
matched:
  description: The entries of O(instances) that match an instance of the platform.
  returned: always
  type: list
  elements: str
written:
  description: Paths in the folder of the files that are new or changed.
  returned: always
  type: list
  elements: str
  sample: [site.yml, instances/orders-prod.yml]
removed:
  description: Paths in the folder of the files that were removed, because their instances do not exist any more.
  returned: always
  type: list
  elements: str
secrets:
  description: Names of the variables for the secrets in the written files.
  returned: always
  type: list
  elements: str
  sample: [vault_orders_prod_root_password]
not_described:
  description: What cannot be described, as in the comments.
  returned: always
  type: list
  elements: dict
  contains:
    instance:
      description: The instance. Empty for what concerns the platform.
      type: str
    part:
      description: The part of the description. Empty for the instance itself.
      type: str
    text:
      description: What it is, and why.
      type: str
failures:
  description: What could not be read. If there is any, the task fails.
  returned: always
  type: list
  elements: dict
  contains:
    instance:
      description: The instance. Empty for what concerns the platform.
      type: str
    part:
      description: The part of the description.
      type: str
    reason:
      description: The error.
      type: str
reads:
  description: The number of reads by operation. All pages of a list count as one.
  returned: always
  type: dict
  sample: {list_instances: 1, list_users: 2, list_databases: 2}
"""
