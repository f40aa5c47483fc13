#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_dr_relation
short_description: Manage disaster recovery relations
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Makes another instance the DR instance of a primary and waits until the primary is protected. Also renames and
    releases such relations.
  - A relation is built on the primary's platform. B(The DR instance loses its data) and gets that of the primary,
    including users and passwords.
  - If the platform is still building the relation, the task waits for it and does not build another one. A relation
    that could not be built is removed and built again.
  - The roles are not changed. After a switchover the relation still exists, and nothing is done. After a failover
    nothing is protected, and O(state=present) fails instead of building another relation over the data that is now in
    use.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.attributes
  - gaussdb.tpops.instance_scope
options:
  name:
    description:
      - Name of the relation, 1 to 64 characters. A relation with another name is renamed, which is possible on either
        platform.
      - By default, the platform names a new relation.
      - Required if O(state=absent). Only the relation with this name is removed.
    type: str
  state:
    description:
      - V(present) means that the instance is in a relation.
      - V(absent) releases the relation and deletes its record. Both instances keep their data, and the DR instance is
        no longer protected from writes. A relation can only be released on the primary's platform. On the DR instance's
        platform, the record can be deleted afterwards, or after a failover.
      - Stop drills and log keeping before removing a relation.
    type: str
    choices: [present, absent]
    default: present
  disaster_type:
    description:
      - Type of replication. The default for a new relation is V(stream). It cannot be changed.
    type: str
    choices: [stream, dorado]
  dr_ip:
    description:
      - Any data IP address of the DR instance. Required to build a relation.
      - If the relation exists and shows its addresses, the IP address must be one of them.
    type: str
  dr_username:
    description:
      - Database user of the DR instance. Required to build a relation, and not used later.
    type: str
  dr_password:
    description:
      - Password of O(dr_username). Required to build a relation, and not used later.
    type: str
  keep_record:
    description:
      - Whether to keep the record of the released relation. Only used with O(state=absent).
    type: bool
    default: false
seealso:
  - module: gaussdb.tpops.gaussdb_dr_info
  - module: gaussdb.tpops.gaussdb_dr_role
  - module: gaussdb.tpops.gaussdb_dr_reestablish
"""

EXAMPLES = r"""
- name: Protect an instance with a DR instance in another data center
  gaussdb.tpops.gaussdb_dr_relation:
    instance: orders-prod
    name: orders-to-dc2
    dr_ip: 198.51.100.11
    dr_username: root
    dr_password: "{{ orders_dr_password }}"
  register: dr

- name: Show whether it is protected
  ansible.builtin.debug:
    msg: "{{ dr.relation.name }} is {{ dr.relation.status }}, protected: {{ dr.relation.protected }}"

- name: Rename the relation
  gaussdb.tpops.gaussdb_dr_relation:
    instance: orders-prod
    name: orders-to-hall-2

- name: Remove the relation
  gaussdb.tpops.gaussdb_dr_relation:
    instance: orders-prod
    name: orders-to-hall-2
    state: absent
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
relation:
  description: The relation as this platform shows it now. In check mode, the expected relation, as far as it is known.
  returned: success, unless O(state=absent)
  type: dict
  contains:
    id:
      description: ID of this platform's record.
      type: str
    synchronization_id:
      description: ID of the relation, the same on both platforms.
      type: str
    name:
      description: Name of the relation.
      type: str
    disaster_type:
      description: Replication type, V(stream) or V(dorado).
      type: str
    role:
      description: Side of the instance, V(master) or V(disaster). It stays the same after a failover, which C(acts_as)
        takes into account.
      type: str
    status:
      description: Status of the record, such as V(pre_checking), V(pre_check_failed), V(pending), V(normal),
        V(dr_log_keep), V(simulation) (a drill is running), V(failover), V(failed) or V(completed) (released).
      type: str
    instance_id:
      description: ID of this platform's instance.
      type: str
    instance_name:
      description: Name of the instance, if the record or the task has it.
      type: str
    instance_status:
      description: Status of the instance, if the record has it.
      type: str
    primary:
      description: The primary.
      type: dict
      contains:
        instance_id:
          description: ID of the instance.
          type: str
        project_id:
          description: ID of its project.
          type: str
        project_name:
          description: Name of its project.
          type: str
        region_code:
          description: Code of its region.
          type: str
        ip_addresses:
          description: Addresses of its nodes.
          type: list
          elements: str
    standby:
      description: The DR instance. Empty until the platform has found it.
      type: dict
      contains:
        instance_id:
          description: ID of the instance.
          type: str
        project_id:
          description: ID of its project.
          type: str
        project_name:
          description: Name of its project.
          type: str
        region_code:
          description: Code of its region.
          type: str
        ip_addresses:
          description: Addresses of its nodes.
          type: list
          elements: str
    created:
      description: When the record was created.
      type: str
    updated:
      description: When the record was last changed.
      type: str
    precheck_failed_reason:
      description: Reason why the check before the setup failed.
      type: str
    actions:
      description: Data of the instance in the relation.
      type: list
      elements: str
    acts_as:
      description: Effective role of the instance. V(primary), also after a failover; V(standby), also during a drill;
        V(former_primary) if the other instance was promoted; empty if the relation has ended, or in an unknown status.
      type: str
    in_force:
      description: Whether the two instances are connected. Empty while this is unknown.
      type: bool
    protected:
      description: Whether the DR instance follows the primary. False during a drill, and in any unknown status.
      type: bool
    drill:
      description: Whether a drill is running. Empty while this is unknown.
      type: bool
    log_keep:
      description: Whether the primary keeps its log, as the platform of the primary reports. Empty while this is
        unknown.
      type: bool
    other_instance_id:
      description: ID of the instance on the other side.
      type: str
  sample:
    id: 0f2a4c6e-8b1d-4e3f-9a5c-7d9e1b3f5a72
    name: orders-to-dc2
    role: master
    status: normal
    acts_as: primary
    protected: true
samples:
  description: How far the DR instance was behind, at each poll while the task waited.
  returned: always
  type: list
  elements: dict
  contains:
    time:
      description: Time of the sample.
      type: str
    status:
      description: State of the replication.
      type: str
    rpo_seconds:
      description: Seconds of changes on the primary that would have been lost (RPO).
      type: float
    rto_seconds:
      description: Seconds that a takeover would have needed (RTO).
      type: float
  sample:
    - time: 2026-01-12 08:00:04 UTC
      status: archive
      rpo_seconds: 0
      rto_seconds: 0
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


from ansible_collections.gaussdb.tpops.plugins.module_utils.api import disaster_recovery as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import disaster_recovery as life
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import relation as relations
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
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

SPEC = Resource(
    name="relation",
    plural="relations",
    single=True,
    parent=INSTANCE,
    status=Status(
        settled=api.SETTLED,
        failed=api.FAILED,
        pending=api.BUSY,
        detail=lambda current: current["precheck_failed_reason"] or "",
    ),
    starts_jobs=True,
    fields=(
        Field("name", validate_new=checks.length(1, 64)),
        Field("disaster_type", choices=api.TYPES, role=Role.CREATE_ONLY),
        Field("dr_ip", role=Role.WRITE_ONLY, required_to_create=True, validate=checks.ip_address),
        Field("dr_username", role=Role.WRITE_ONLY, required_to_create=True, validate=checks.length(1, 64)),
        Field("dr_password", no_log=True, role=Role.WRITE_ONLY, required_to_create=True, validate=checks.length(1, 64)),
    ),
    options=(Field("keep_record", type="bool", default=False),),
    find=Find(read=lambda ctx: api.list_dr_relations(), select=relations.select),
    writes=Writes(
        replace_failed=True,
        create=Write.each(relations.construct, "Build the disaster recovery relation of {names}", fields=("name",)),
        updates=(
            Write.each(
                lambda ctx, item: api.rename_dr_relation(
                    ctx.parent.id, item.existing["synchronization_id"], item.desired["name"]
                ),
                lambda item: f"Rename the disaster recovery relation of {item.label} to {item.desired['name']}",
                fields=("name",),
            ),
        ),
        delete=(
            relations.release(lambda status: status == "failed", relations.NOT_NOW),
            relations.release(lambda status: status not in api.OVER),
            Write.each(
                lambda ctx, item: api.delete_dr_record(item.existing["name"]),
                "Delete the record of the disaster recovery relation of {names}",
                applies_to=lambda ctx, item: item.present or not ctx.params["keep_record"],
                policy=Policy(done_codes=(relations.NOT_FOUND,)),
            ),
        ),
    ),
    rules=Rules(required_if=(("state", "absent", ("name",)),)),
    hooks=Hooks(on_poll=life.sample_monitor, refine=relations.refine),
    returns=api.RELATION,
    also_returns=life.ALSO_RETURNS,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
