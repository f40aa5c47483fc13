#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_instance_adoption
short_description: Bring a running database under management, or release an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Brings a database that runs on hosts of the platform under its management, or releases an instance from it. The
    database keeps running in both cases.
  - To remove an instance with its data use M(gaussdb.tpops.gaussdb_instance).
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.attributes
options:
  state:
    description:
      - V(present) brings the database under management, V(absent) releases the instance.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - Name of the instance. 4 to 64 letters, digits, hyphens or underscores, starting with a letter. Required unless
        O(instance_id) is given.
      - It is an error if an instance of this name runs on hosts other than O(manage_ips).
    type: str
  instance_id:
    description:
      - ID of an instance that the platform manages.
    type: str
  manage_ips:
    description:
      - Management addresses of the hosts on which the database runs. Give one host, from which the platform finds the
        others, or all of them.
      - Required to bring a database under management.
    type: list
    elements: str
  admin_user:
    description:
      - Administrator of the database.
    type: str
    default: rdsAdmin
  admin_password:
    description:
      - Password of O(admin_user). Required to bring a database under management. It is neither compared nor changed.
    type: str
  storage:
    description:
      - Storage for backups of the instance. Required to bring a database under management.
    type: dict
    suboptions:
      device_id:
        description:
          - ID of the storage device.
        type: str
        required: true
      directory:
        description:
          - Directory for backup files.
        type: str
        required: true
      mount_point:
        description:
          - Mount point of the NAS on the hosts.
        type: str
        required: true
      manually_mounted:
        description:
          - Whether the NAS is mounted already. If not, the platform mounts it.
        type: bool
        default: false
  new_admin_password:
    description:
      - With O(state=absent), the new password of C(rdsAdmin), because the platform forgets the one that it used.
        Required if O(state=absent), unless O(force=true).
      - It has 8 to 32 characters and includes at least three of uppercase letters, lowercase letters, digits and
        special characters. Quotes, backticks, blanks and non-ASCII characters are not allowed.
    type: str
  keep_full_backup_days:
    description:
      - With O(state=absent), days for which full backups are kept, from 0 to 10000. If omitted, the platform may remove
        them at once.
    type: int
  keep_differential_backup_days:
    description:
      - With O(state=absent), days for which differential backups are kept, from 0 to 10000. If omitted, the platform
        may remove them at once.
    type: int
  force:
    description:
      - With O(state=absent), whether to release the instance even if its hosts do not respond.
    type: bool
    default: false
seealso:
  - module: gaussdb.tpops.gaussdb_instance
  - module: gaussdb.tpops.gaussdb_host
"""

EXAMPLES = r"""
- name: Bring a running database under management
  gaussdb.tpops.gaussdb_instance_adoption:
    name: ledger
    manage_ips: [192.0.2.61]
    admin_password: "{{ vault_rds_admin_password }}"
    storage:
      device_id: nas-1
      directory: /backup
      mount_point: /mnt/nas
  register: adopted

- name: Show where it runs
  ansible.builtin.debug:
    msg: "{{ adopted.instance.nodes | map(attribute='management_ip') | join(', ') }}"

- name: Release it, and keep its backups for 30 days
  gaussdb.tpops.gaussdb_instance_adoption:
    name: ledger
    state: absent
    new_admin_password: "{{ vault_new_rds_admin_password }}"
    keep_full_backup_days: 30
    keep_differential_backup_days: 30
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
instance:
  description: The instance as it is now, in check mode as far as that is known. An instance that is managed again has
    another ID.
  returned: success, unless O(state=absent)
  type: dict
  contains:
    id:
      description: ID of the instance.
      type: str
    name:
      description: Name of the instance.
      type: str
    status:
      description: Status, such as V(BUILD), V(ACTIVE), V(FAILED), V(REBOOTING) or V(SHUTDOWN).
      type: str
    running:
      description: Whether the database runs, derived from the status. Empty if the status does not show it, as with
        V(FAILED).
      type: bool
    type:
      description: Type of the instance, as the platform spells it.
      type: str
    mode:
      description: V(combined) for a distributed instance, V(centralization_standard) for a centralized one.
      type: str
    solution:
      description: Topology. Empty, as the platform does not show it.
      type: str
    port:
      description: Port of the database.
      type: int
    engine_type:
      description: Database engine.
      type: str
    engine_version:
      description: Version of the engine.
      type: str
    consistency:
      description: Consistency of transactions, of distributed instances.
      type: str
    replication_mode:
      description: Replication mode of the standbys.
      type: str
    consistency_protocol:
      description: Protocol between the replicas.
      type: str
    private_ips:
      description: Addresses of the nodes for database clients.
      type: list
      elements: str
    replica_num:
      description: Number of replicas of each shard.
      type: int
    time_zone:
      description: Time zone.
      type: str
    created:
      description: When the instance was created.
      type: str
    updated:
      description: When it was last changed.
      type: str
    busy:
      description: Whether the status is transient because the platform is working on the instance.
      type: bool
    db_user_name:
      description: Name of the administrator of the database.
      type: str
    flavor_ref:
      description: Code of the hardware specification.
      type: str
    flavor_info:
      description: Size of a node.
      type: dict
      contains:
        vcpu:
          description: Number of virtual CPUs.
          type: int
        mem:
          description: Memory in GB.
          type: int
    volume:
      description: Storage of a node.
      type: dict
      contains:
        type:
          description: Type of the storage.
          type: str
        size:
          description: Size in GB.
          type: int
    backup_strategy:
      description: When automatic backups start, and how long they are kept.
      type: dict
      contains:
        start_time:
          description: Hour in which they start, in UTC.
          type: str
        keep_days:
          description: Number of days for which they are kept.
          type: int
    instance_mode:
      description: Edition of the instance.
      type: str
    nodes:
      description: Nodes of the instance.
      type: list
      elements: dict
      contains:
        id:
          description: ID of the node.
          type: str
        name:
          description: Name of the node.
          type: str
        hostname:
          description: Name of the host.
          type: str
        role:
          description: V(master) or V(slave).
          type: str
        status:
          description: Status of the node.
          type: str
        availability_zone:
          description: Data center of the node.
          type: str
        private_ip:
          description: Address for database clients.
          type: str
        data_ip:
          description: Address for the components of the instance.
          type: str
        management_ip:
          description: Address for the platform.
          type: str
  sample:
    id: 4f2e1d0c9b8a79685746352413020100in14
    name: orders-prod
    status: ACTIVE
    running: true
    mode: centralization_standard
    port: 8000
    engine_version: 3.200.0
    private_ips:
      - 203.0.113.11
      - 203.0.113.12
      - 203.0.113.13
plan:
  description: The writes that were sent, in check mode those that would be.
  returned: always
  type: list
  elements: dict
  contains:
    operation:
      description: Name of the operation.
      type: str
    method:
      description: HTTP method.
      type: str
    path:
      description: Path below C(/rds).
      type: str
    summary:
      description: What the request does, in one sentence.
      type: str
job:
  description: The last one of RV(jobs).
  returned: when a job was started
  type: dict
  contains:
    id:
      description: ID of the job.
      type: str
    name:
      description: Type of the job, as the platform calls it.
      type: str
    status:
      description: Status, such as V(Running), V(Completed) or V(Failed).
      type: str
    progress:
      description: Progress in percent.
      type: float
  sample:
    id: 8a0e8d9f-1bb5-4f0b-9a41-32a9b2a6a0c6
    name: StartGaussDBV5Instance
    status: Running
    progress: 45
jobs:
  description: The jobs that the task started, in their order. Without waiting C(name) and C(progress) are empty.
  returned: when a job was started
  type: list
  elements: dict
  contains:
    id:
      description: ID of the job.
      type: str
    name:
      description: Type of the job, as the platform calls it.
      type: str
    status:
      description: Status, such as V(Running), V(Completed) or V(Failed).
      type: str
    progress:
      description: Progress in percent.
      type: float
  sample:
    - id: 8a0e8d9f-1bb5-4f0b-9a41-32a9b2a6a0c6
      name: StartGaussDBV5Instance
      status: Running
      progress: 45
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import adoption
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import instance as life
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Policy
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Find,
    Hooks,
    Resource,
    Rules,
    Status,
    Write,
    Writes,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

STORAGE = (
    Field("device_id", required=True),
    Field("directory", required=True),
    Field("mount_point", required=True),
    Field("manually_mounted", type="bool", default=False),
)

SPEC = Resource(
    name="instance",
    plural="instances",
    status=Status(pending=life.PENDING, settled=life.SETTLED, failed=("BUILD_FAILED",)),
    starts_jobs=True,
    fields=(
        Field("name", role=Role.CREATE_ONLY, required_to_create=True, validate_new=life.NAME),
        Field("instance_id", reads="id"),
        Field(
            "manage_ips",
            type="list",
            elements="str",
            required_to_create=True,
            role=Role.WRITE_ONLY,
            validate=checks.every(checks.not_empty, checks.each(checks.ip_address)),
        ),
        Field("admin_user", default="rdsAdmin", role=Role.WRITE_ONLY),
        Field("admin_password", no_log=True, required_to_create=True, role=Role.WRITE_ONLY),
        Field("storage", type="dict", required_to_create=True, role=Role.WRITE_ONLY, fields=STORAGE),
    ),
    options=(
        Field("new_admin_password", no_log=True, validate=checks.password),
        Field("keep_full_backup_days", type="int", validate=life.DAYS),
        Field("keep_differential_backup_days", type="int", validate=life.DAYS),
        Field("force", type="bool", default=False),
    ),
    find=Find(identified_by=("instance_id", "name"), read=life.read),
    writes=Writes(
        create=Write.each(adoption.adopt, "Bring database {names} under management"),
        delete=Write.each(
            adoption.release,
            "Release instance {names} from management; it keeps running",
            policy=Policy(done_codes=life.GONE),
        ),
    ),
    rules=Rules(required_one_of=(("name", "instance_id"),)),
    hooks=Hooks(validate=adoption.check, refine=adoption.refine),
    returns=INSTANCE,
    also_returns=(
        Attr(
            "instance",
            doc=(
                "The instance as it is now, in check mode as far as that is known. An instance that is managed again "
                "has another ID."
            ),
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
