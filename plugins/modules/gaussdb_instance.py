#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_instance
short_description: Create, remove, start, stop and restart instances
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Creates a GaussDB instance on hosts of the platform, empty or from a backup of another instance, removes it with its
    data, and starts, stops or restarts it.
  - If the platform is still building the instance, the module waits for it instead of creating a second one, so an
    interrupted task can be run again.
  - The distribution of the hosts is validated against O(solution) before anything is sent.
  - The options are compared with what the platform shows of an existing instance. A difference is an error, because
    none of these properties can be changed here. The platform shows O(port), O(time_zone), O(engine_type),
    O(engine_version), O(replication_mode), whether the instance is distributed or centralized, and O(consistency) of a
    distributed one.
  - With O(state=present), O(solution) and the lists of hosts are compared with the number of replicas and with the
    nodes. The error names the module that makes the change, which is M(gaussdb.tpops.gaussdb_instance_solution),
    M(gaussdb.tpops.gaussdb_instance_expansion) or M(gaussdb.tpops.gaussdb_node). After such a change, update the
    options to match the instance. The zones of the hosts and the use of ETCD cannot be compared.
  - O(float_ip), O(root_password), O(consistency_protocol), O(os_type), O(host_type), O(cpu_spec), O(arch),
    O(configuration_id), O(install_dirs), O(component_distributions) and O(restore) are used for the creation only. The
    platform does not show them, or not reliably, so they are not compared with an existing instance.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.attributes
attributes:
  idempotent:
    support: partial
    details: With O(state=restarted) the instance is restarted on every run.
options:
  name:
    description:
      - Name of the instance. 4 to 64 letters, digits, hyphens and underscores, starting with a letter.
      - Required unless O(instance_id) is given. An instance cannot be renamed.
    type: str
  instance_id:
    description:
      - ID of an existing instance.
    type: str
  state:
    description:
      - V(present) creates the instance if it does not exist. It does not start or stop it.
      - V(absent) uninstalls the instance and removes its data. O(keep_full_backup_days) and
        O(keep_differential_backup_days) determine how long backups are kept.
      - V(started), V(stopped) and V(restarted) start, stop or restart an existing instance as a whole. They fail when
        the instance does not exist. V(restarted) starts a stopped instance.
    type: str
    choices: [present, absent, started, stopped, restarted]
    default: present
  solution:
    description:
      - Topology of the instance. Required to create one.
      - The centralized topologies have one shard. These are V(single) (one host), V(triset) (a primary and two standbys
        on three hosts), V(quadruset) (a primary, three standbys and an arbiter on five hosts) and V(pentaset) (a
        primary and four standbys on five hosts). V(trisetnoetcd), V(quadrusetnoetcd) and V(pentasetnoetcd) are the same
        without ETCD.
      - The distributed topologies are V(hcs1) (four shards of a primary and three standbys, and an arbiter, on nine
        hosts), V(hcs2) (three shards of a primary and two standbys on three hosts), V(hcs3) (four shards of a primary
        and three standbys on four hosts), V(hcs4) (the same with an arbiter on five hosts) and V(hcs6) (three shards
        without standbys on one host).
      - The topologies without ETCD need the feature C(gaussdb_feature_supportDccCluster) on the platform, which then
        also turns V(triset), V(quadruset) and V(pentaset) into them.
    type: str
    choices: [single, triset, quadruset, pentaset, trisetnoetcd, quadrusetnoetcd, pentasetnoetcd, hcs1, hcs2, hcs3,
      hcs4, hcs6]
  manage_ips:
    description:
      - Management addresses of the hosts. This list and the other lists together must contain as many hosts as
        O(solution) needs. A host in two of the lists counts once. For an expanded distributed instance, list all of its
        hosts.
      - If omitted, all hosts of the other lists are sent.
    type: list
    elements: str
  master_az_ips:
    description:
      - Management addresses of the hosts in the zone of the primaries. For O(solution) V(hcs1), V(triset),
        V(quadruset), V(trisetnoetcd) and V(quadrusetnoetcd).
    type: list
    elements: str
  slave_az_ips:
    description:
      - Management addresses of the hosts in the zone of the standbys. For O(solution) V(hcs1), V(quadruset) and
        V(quadrusetnoetcd).
    type: list
    elements: str
  arbiter_az_ips:
    description:
      - Management address of the host in the zone of the arbiter. One host is required for O(solution) V(hcs1),
        V(hcs4), V(quadruset) and V(quadrusetnoetcd), and none for the others.
    type: list
    elements: str
  logger_az_ips:
    description:
      - Management addresses of the hosts in the zone for logs.
    type: list
    elements: str
  float_ip:
    description:
      - Floating IP address, for centralized instances with more than one host.
    type: str
  port:
    description:
      - Port of the database, from 1024 to 39989. The platform uses 2378 to 2380, 2400, 4999 to 5001, 5100, 5500, 5999
        to 6001, 6009, 6010, 6500, 8015, 8097, 8098, 8181, 9090, 9100, 9180, 9187, 9200, 12016, 12017, 20049, 20050,
        21731, 21732, 32122 to 32126 and 39001 itself.
      - If omitted, the platform chooses the port.
    type: int
  root_password:
    description:
      - Password of the database user C(root). Required to create an instance, and not used afterwards.
      - It has 8 to 32 characters and includes at least three of uppercase letters, lowercase letters, digits and
        special characters. Quotes, backticks, blanks and non-ASCII characters are not allowed.
    type: str
  engine_type:
    description:
      - Database engine. If omitted, the platform uses V(GaussDB).
    type: str
    choices: [GaussDB, gaussdbv5-dbmind]
  engine_version:
    description:
      - Version of the engine. M(gaussdb.tpops.gaussdb_engine_version_info) lists the versions. If omitted, the newest
        one is used. Required for O(engine_type=gaussdbv5-dbmind).
      - A restored instance has the version of the source instance. It is only compared with this option.
      - The version of an existing instance is not changed here. Raise this option together with the upgrade, or leave
        it out.
    type: str
  consistency:
    description:
      - Consistency of transactions, which matters for distributed instances only. If omitted, the platform uses
        V(strong).
    type: str
    choices: [strong, eventual]
  replication_mode:
    description:
      - Replication mode of the standbys. There is only one.
    type: str
    choices: [sync]
  consistency_protocol:
    description:
      - Protocol between the replicas. Topologies without ETCD only support V(paxos), which is sent for them if this
        option is omitted.
    type: str
    choices: [quorum, paxos]
  os_type:
    description:
      - Operating system of the hosts. Required to create an instance.
    type: str
    choices: [Kylin, UnionTech]
  host_type:
    description:
      - Type of the hosts.
    type: str
    choices: [BMS]
    default: BMS
  cpu_spec:
    description:
      - Vendor of the processors of the hosts. Required to create an instance.
    type: str
    choices: [Intel, Kunpeng, Hygon]
  arch:
    description:
      - Architecture of the hosts. Required to create an instance.
    type: str
    choices: [X86, ARM]
  configuration_id:
    description:
      - ID of the parameter template to create the instance with.
    type: str
  time_zone:
    description:
      - Time zone of the instance, such as V(UTC+08:00).
    type: str
  install_dirs:
    description:
      - Installation directories, as absolute paths on the hosts. Not possible with O(restore).
    type: dict
    suboptions:
      install_dir:
        description: Directory of the software.
        type: str
      log_dir:
        description: Directory of the logs.
        type: str
      dn_dir:
        description: Data directory of the data nodes.
        type: str
      etcd_dir:
        description: Data directory of ETCD.
        type: str
  component_distributions:
    description:
      - Placement of components on hosts. The platform places all other components. Not possible with O(restore).
    type: list
    elements: dict
    suboptions:
      component:
        description: Name of the component. The topology determines which components can be placed.
        type: str
        required: true
      ip:
        description: Address of the host.
        type: str
        required: true
  restore:
    description:
      - Backup or point in time to create the instance from. If omitted, an empty instance is created. It has no effect
        on an existing instance.
    type: dict
    suboptions:
      instance:
        description:
          - Name of the instance that was backed up. Either this or O(restore.instance_id) is required unless
            O(restore.xbsa.extensions) is given.
        type: str
      instance_id:
        description:
          - ID of the instance that was backed up. The instance may have been removed.
        type: str
      backup_id:
        description:
          - ID of the backup to restore. Either this or O(restore.restore_time) is required unless
            O(restore.xbsa.extensions) is given.
        type: str
      restore_time:
        description:
          - Point in time to restore, such as V(2026-01-05 08:00:00 UTC) or V(2026-01-05T16:00:00+08:00), or in
            milliseconds since 1970. A time without an offset is UTC.
          - Unless O(restore.xbsa) is given, a point in time that cannot be restored is refused, and the error names the
            nearest possible one.
        type: str
      tables:
        description:
          - Restore only these tables. Without O(restore.tables[].table) the whole schema is restored, and without
            O(restore.tables[].schema) the whole database.
        type: list
        elements: dict
        suboptions:
          database:
            description: Name of the database in the backup.
            type: str
            required: true
          schema:
            description: Name of the schema in the backup.
            type: str
          table:
            description: Name of the table in the backup.
            type: str
          new_database:
            description: Name of the database in the new instance, if it differs.
            type: str
          new_schema:
            description: Name of the schema in the new instance, if it differs.
            type: str
          new_table:
            description: Name of the table in the new instance, if it differs.
            type: str
      xbsa:
        description:
          - Access to a backup server that is used through XBSA. The certificates and the key must be given together.
        type: dict
        suboptions:
          ca_cert:
            description: Certificate of the certificate authority, as PEM text or Base64-encoded PEM text.
            type: str
          client_cert:
            description: Client certificate, as PEM text or Base64-encoded PEM text.
            type: str
          client_key:
            description: Private key of the client, as PEM text or Base64-encoded PEM text.
            type: str
          key_password:
            description: Password of the private key. It is sent unchanged.
            type: str
          extensions:
            description:
              - Names and values of the XBSA extension, such as C(BackupSet) and C(XbsaRoute). Non-string values are
                sent as JSON.
              - They may contain credentials of the backup server, so they are redacted in results and diffs.
            type: dict
  keep_full_backup_days:
    description:
      - Days for which full backups are kept after O(state=absent), from 0 to 10000. If omitted, the platform decides
        and may remove them at once.
    type: int
  keep_differential_backup_days:
    description:
      - Days for which differential backups are kept after O(state=absent), from 0 to 10000. If omitted, the platform
        decides and may remove them at once.
    type: int
  force:
    description:
      - With O(state=absent), remove the instance even if a part of the uninstallation fails, for example because a host
        is unreachable. The files on that host remain.
      - With O(wait=true) the module waits for an instance in C(BUILD) before it removes it. Use O(wait=false) for a
        build that hangs.
    type: bool
    default: false
seealso:
  - module: gaussdb.tpops.gaussdb_instance_info
  - module: gaussdb.tpops.gaussdb_instance_solution
  - module: gaussdb.tpops.gaussdb_instance_expansion
  - module: gaussdb.tpops.gaussdb_node
  - module: gaussdb.tpops.gaussdb_component_info
  - module: gaussdb.tpops.gaussdb_engine_version_info
"""

EXAMPLES = r"""
- name: Create a three-node instance
  gaussdb.tpops.gaussdb_instance:
    name: orders-prod
    solution: triset
    manage_ips: [192.0.2.11, 192.0.2.12, 192.0.2.13]
    os_type: Kylin
    cpu_spec: Intel
    arch: X86
    port: 8000
    root_password: "{{ orders_root_password }}"
  register: orders

- name: Show where to connect
  ansible.builtin.debug:
    msg: "{{ orders.instance.name }} listens on {{ orders.instance.private_ips | join(', ') }}, port {{
      orders.instance.port }}"

- name: Create a distributed instance with a dedicated arbiter
  gaussdb.tpops.gaussdb_instance:
    name: billing-prod
    solution: hcs4
    manage_ips: [192.0.2.21, 192.0.2.22, 192.0.2.23, 192.0.2.24]
    arbiter_az_ips: [192.0.2.25]
    consistency: strong
    os_type: Kylin
    cpu_spec: Intel
    arch: X86
    root_password: "{{ billing_root_password }}"

- name: Restart an instance
  gaussdb.tpops.gaussdb_instance:
    name: orders-prod
    state: restarted

- name: Stop an instance
  gaussdb.tpops.gaussdb_instance:
    name: orders-prod
    state: stopped

- name: Restore yesterday's data to a new instance
  gaussdb.tpops.gaussdb_instance:
    name: orders-test
    solution: single
    manage_ips: [192.0.2.31]
    os_type: Kylin
    cpu_spec: Intel
    arch: X86
    root_password: "{{ orders_root_password }}"
    restore:
      instance: orders-prod
      restore_time: "{{ yesterday }}"

- name: Remove an instance and its data, and keep its full backups for 30 days
  gaussdb.tpops.gaussdb_instance:
    name: orders-test
    state: absent
    keep_full_backup_days: 30
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
instance:
  description: The instance as it is now, in check mode as it would be, as far as that is known.
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

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import instance as life
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.topology import PORTS, RESERVED_PORTS, SOLUTIONS
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
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.times import check_moment

_ADDRESSES: dict[str, Any] = {
    "type": "list",
    "elements": "str",
    "role": Role.WRITE_ONLY,
    "validate": checks.each(checks.ip_address),
}
_DIRECTORY = checks.pattern(r"/.*", "an absolute path")
_PORT = checks.every(checks.between(*PORTS), checks.not_in(RESERVED_PORTS, "a port of the platform itself"))

RESTORE = (
    Field("instance"),
    Field("instance_id"),
    Field("backup_id"),
    Field("restore_time", validate=check_moment),
    Field(
        "tables",
        type="list",
        elements="dict",
        validate=checks.not_empty,
        fields=(
            Field("database", required=True),
            *(Field(name) for name in ("schema", "table", "new_database", "new_schema", "new_table")),
        ),
    ),
    Field(
        "xbsa",
        type="dict",
        fields=(
            Field("ca_cert"),
            Field("client_cert"),
            Field("client_key", no_log=True),
            Field("key_password", no_log=True),
            Field("extensions", type="dict", no_log=True),
        ),
    ),
)

FIELDS = (
    Field("name", role=Role.CREATE_ONLY, validate_new=life.NAME),
    Field("instance_id", reads="id"),
    Field(
        "solution",
        choices=SOLUTIONS,
        required_to_create=True,
        role=Role.CREATE_ONLY,
        changed_by="gaussdb_instance_solution",
        equal=life.same_solution,
    ),
    Field("manage_ips", **_ADDRESSES),
    Field("master_az_ips", **_ADDRESSES),
    Field("slave_az_ips", **_ADDRESSES),
    Field("arbiter_az_ips", **_ADDRESSES),
    Field("logger_az_ips", **_ADDRESSES),
    Field("float_ip", role=Role.WRITE_ONLY, validate=checks.ip_address),
    Field(
        "port",
        type="int",
        role=Role.CREATE_ONLY,
        equal=life.same_if_shown,
        validate=checks.between(1, 65535),
        validate_new=_PORT,
    ),
    Field("root_password", no_log=True, required_to_create=True, role=Role.WRITE_ONLY, validate=checks.password),
    Field("engine_type", choices=("GaussDB", "gaussdbv5-dbmind"), role=Role.CREATE_ONLY, equal=life.same_if_shown),
    Field("engine_version", role=Role.CREATE_ONLY, changed_by="gaussdb_upgrade", equal=life.same_if_shown),
    Field("consistency", choices=("strong", "eventual"), role=Role.CREATE_ONLY, equal=life.same_if_shown),
    Field("replication_mode", choices=("sync",), role=Role.CREATE_ONLY, equal=life.same_if_shown),
    Field("consistency_protocol", choices=("quorum", "paxos"), role=Role.WRITE_ONLY),
    Field("os_type", choices=("Kylin", "UnionTech"), required_to_create=True, role=Role.WRITE_ONLY),
    Field("host_type", default="BMS", choices=("BMS",), role=Role.WRITE_ONLY),
    Field("cpu_spec", choices=("Intel", "Kunpeng", "Hygon"), required_to_create=True, role=Role.WRITE_ONLY),
    Field("arch", choices=("X86", "ARM"), required_to_create=True, role=Role.WRITE_ONLY),
    Field("configuration_id", role=Role.WRITE_ONLY),
    Field("time_zone", role=Role.CREATE_ONLY, equal=life.same_if_shown),
    Field(
        "install_dirs",
        type="dict",
        role=Role.WRITE_ONLY,
        fields=[Field(name, validate=_DIRECTORY) for name in ("install_dir", "log_dir", "dn_dir", "etcd_dir")],
    ),
    Field(
        "component_distributions",
        type="list",
        elements="dict",
        role=Role.WRITE_ONLY,
        fields=(Field("component", required=True), Field("ip", required=True, validate=checks.ip_address)),
    ),
    Field("restore", type="dict", role=Role.WRITE_ONLY, fields=RESTORE),
    Field("running", type="bool", role=Role.COMPUTED),
)

SPEC = Resource(
    name="instance",
    plural="instances",
    states=("present", "absent", "started", "stopped", "restarted"),
    status=Status(pending=life.PENDING, settled=life.SETTLED, failed=("BUILD_FAILED",)),
    starts_jobs=True,
    fields=FIELDS,
    options=(
        Field("keep_full_backup_days", type="int", validate=life.DAYS),
        Field("keep_differential_backup_days", type="int", validate=life.DAYS),
        Field("force", type="bool", default=False),
    ),
    find=Find(identified_by=("instance_id", "name"), read=life.read),
    writes=Writes(
        create=Write.each(life.create, "Create instance {names}"),
        delete=Write.each(life.delete, "Remove instance {names} and its data", policy=Policy(done_codes=life.GONE)),
    ),
    rules=Rules(required_one_of=(("name", "instance_id"),)),
    hooks=Hooks(
        desired=lambda ctx: life.build_desired(ctx, FIELDS),
        validate=life.check,
        refine=life.refine,
        extra_steps=life.plan_power,
        describe=life.describe,
    ),
    returns=INSTANCE,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
