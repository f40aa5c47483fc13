#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_instance_info
short_description: Gather information about instances
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the instances of the platform with their nodes.
  - Waits for instances if O(until) is given. Without it the module does not wait, and O(wait) has no effect.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.info
options:
  name:
    description:
      - List only the instance with this name. With a leading C(*), list all instances whose name contains the rest.
    type: str
  instance_id:
    description:
      - List only the instance with this ID. With a leading C(*), list all instances whose ID contains the rest.
    type: str
  type:
    description:
      - List only instances of this type.
    type: str
    choices: [centralized, distributed]
  engine_type:
    description:
      - List only instances with this engine.
    type: str
    choices: [GaussDB]
  changed_since:
    description:
      - List only instances that the platform changed at this time or later, as RV(instances[].updated) shows.
      - A time such as V(2026-01-05 08:00:00 UTC) or V(2026-01-05T16:00:00+08:00), milliseconds since 1970, or an age
        such as V(90m), V(2h) or V(7d), by the platform's clock. A time without an offset is UTC.
      - Instances whose time the platform does not show are listed, too.
    type: str
  gather:
    description:
      - Additional information to read.
      - V(topology) finds out the topology and the hosts by zone from the components, as the options of
        M(gaussdb.tpops.gaussdb_instance) give them, with one more request for each instance.
      - V(extension) reads the extended information of each instance, with one more request for each instance and each
        of O(extension_keys).
    type: list
    elements: str
    choices: [topology, extension]
    default: []
  extension_keys:
    description:
      - Keys of the extended information to read. The platform cannot list them.
    type: list
    elements: str
    default: [BackupSet, XbsaRoute]
  until:
    description:
      - Condition to wait for, for every listed instance. In check mode the module does not wait.
      - V(settled) waits until the platform has finished its operation on the instance, such as a backup or a restart.
    type: str
    choices: [settled]
seealso:
  - module: gaussdb.tpops.gaussdb_instance
  - module: gaussdb.tpops.gaussdb_component_info
"""

EXAMPLES = r"""
- name: List all instances
  gaussdb.tpops.gaussdb_instance_info:
  register: all

- name: Stop unless all of them are healthy
  ansible.builtin.assert:
    that:
      - all.instances | rejectattr('status', 'equalto', 'ACTIVE') | length == 0

- name: List the distributed instances whose name contains prod
  gaussdb.tpops.gaussdb_instance_info:
    name: "*prod"
    type: distributed

- name: List what was changed in the last day
  gaussdb.tpops.gaussdb_instance_info:
    changed_since: 1d

- name: Wait until the nightly backup is over
  gaussdb.tpops.gaussdb_instance_info:
    name: orders-prod
    until: settled
    wait_timeout: 7200

- name: Show the topology of all instances
  gaussdb.tpops.gaussdb_instance_info:
    gather: [topology]
  register: placed

- name: Find out which backup server an instance uses
  gaussdb.tpops.gaussdb_instance_info:
    name: orders-prod
    gather: [extension]
  register: orders
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
instances:
  description: The instances.
  returned: success
  type: list
  elements: dict
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
      description: Topology. Empty unless O(gather) has V(topology) and the components show it.
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
    manage_ips:
      description: Management addresses of the hosts that are in no zone of the topology.
      returned: when O(gather) has V(topology)
      type: list
      elements: str
    master_az_ips:
      description: Those in the zone of the primaries, if the topology has it and there is another one.
      returned: when O(gather) has V(topology)
      type: list
      elements: str
    slave_az_ips:
      description: Those in the zone of the standbys, if the topology has it and there are two zones.
      returned: when O(gather) has V(topology)
      type: list
      elements: str
    arbiter_az_ips:
      description: That of the arbiter, if the topology has one.
      returned: when O(gather) has V(topology)
      type: list
      elements: str
    logger_az_ips:
      description: Empty, as the platform does not show which hosts only keep logs.
      returned: when O(gather) has V(topology)
      type: list
      elements: str
    extension:
      description: Extended information, by key. The value of a key that is not set is empty.
      returned: when O(gather) has V(extension)
      type: dict
  sample:
    - id: 4f2e1d0c9b8a79685746352413020100in14
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
"""
# RETURN:end

from collections.abc import Mapping
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import instance as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.period import read_moment_ms
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.placement import find_placement
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.read_errors import is_never_set
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.waiting import Observation
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times

_TYPES = {"centralized": "Ha", "distributed": "Enterprise"}
_PLACES = tuple(
    Attr(name, kind="list", doc=doc, returned="when O(gather) has V(topology)")
    for name, doc in {
        "manage_ips": "Management addresses of the hosts that are in no zone of the topology.",
        "master_az_ips": "Those in the zone of the primaries, if the topology has it and there is another one.",
        "slave_az_ips": "Those in the zone of the standbys, if the topology has it and there are two zones.",
        "arbiter_az_ips": "That of the arbiter, if the topology has one.",
        "logger_az_ips": "Empty, as the platform does not show which hosts only keep logs.",
    }.items()
)
_TEXT = checks.pattern(r"(?!\*$).+", "text, or * followed by a part of it")


def _read(ctx: Context) -> Call:
    params = ctx.params
    return api.list_instances(params["instance_id"], params["name"], _TYPES.get(params["type"]), params["engine_type"])


def _select(ctx: Context, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the instances as they are now, or as they are once the condition to wait for holds."""
    if ctx.params["until"] and ctx.may_wait:
        found = ctx.waiter.wait_until(lambda: _outlook(ctx.items(_read(ctx))), label=ctx.module)
    since = read_moment_ms(ctx, "changed_since")
    if since is not None:
        found = [each for each in found if (times.stamp_ms(each["updated"]) or since) >= since]
    return [{**each, **_topology(ctx, each), **_extension(ctx, each["id"])} for each in found]


def _outlook(found: list[dict[str, Any]]) -> Observation:
    busy = [each for each in found if each["busy"]]
    text = "; ".join(f"{each['name']} {each['status']}" for each in busy or found) or "no instance"
    return Observation("running" if busy else "done", text, found)


def _topology(ctx: Context, instance: Mapping[str, Any]) -> dict[str, Any]:
    if "topology" not in ctx.params["gather"]:
        return {}
    return find_placement(instance, ctx.items(api.list_components(instance["id"])))


def _extension(ctx: Context, instance_id: str) -> dict[str, Any]:
    if "extension" not in ctx.params["gather"]:
        return {}
    keys = ctx.params["extension_keys"]
    return {"extension": {key: _value(ctx, api.get_instance_extension(instance_id, key)) for key in keys}}


def _value(ctx: Context, call: Call) -> Any:
    try:
        return ctx.client.item(call)["value"]
    except TpopsError as error:
        if not is_never_set(ctx, error):
            raise
        return None


SPEC = Info(
    plural="instances",
    starts_jobs=True,
    fields=(
        Field("name", validate=_TEXT),
        Field("instance_id", validate=_TEXT),
        Field("type", choices=tuple(_TYPES)),
        Field("engine_type", choices=("GaussDB",)),
        Field("changed_since", validate=times.check_past),
        Field("gather", type="list", elements="str", choices=("topology", "extension"), default=[]),
        Field("extension_keys", type="list", elements="str", default=list(api.EXTENSION_KEYS), no_log=False),
        Field("until", choices=("settled",)),
    ),
    find=Find(read=_read, select=_select),
    returns=api.INSTANCE.plus(
        Attr("solution", doc="Topology. Empty unless O(gather) has V(topology) and the components show it."),
        *_PLACES,
        Attr(
            "extension",
            kind="dict",
            doc="Extended information, by key. The value of a key that is not set is empty.",
            returned="when O(gather) has V(extension)",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
