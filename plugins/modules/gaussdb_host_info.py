#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_host_info
short_description: List hosts
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the hosts of the platform and, on request, the results of the checks on them and the supported host
    specifications.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.info
options:
  host_id:
    description:
      - List only the host with this ID.
    type: str
  name:
    description:
      - List only hosts with this name.
    type: str
  data_center:
    description:
      - List only hosts of the data center with this name.
    type: str
  data_center_id:
    description:
      - List only hosts of the data center with this ID.
    type: str
  type:
    description:
      - List only hosts of this type, such as V(BMS).
    type: str
  status:
    description:
      - List only hosts in this status.
    type: str
    choices: [initializing, initialized, initialize_failed, unmanaged, in_use, deleting, delete_failed]
  sort:
    description:
      - Field to sort by. By default, the platform's order is kept.
    type: str
    choices: [name, type, status]
  order:
    description:
      - Sort order for O(sort), ascending or descending.
    type: str
    choices: [asc, desc]
    default: asc
  gather:
    description:
      - Additional information to gather.
      - V(detection_results) returns the checks that the platform runs on a host when it is added. It needs one request
        for each host.
      - V(specifications) returns the types of hosts that the platform supports. It needs one request.
    type: list
    elements: str
    choices: [detection_results, specifications]
    default: []
seealso:
  - module: gaussdb.tpops.gaussdb_host
"""

EXAMPLES = r"""
- name: List the hosts that are ready and have never been used
  gaussdb.tpops.gaussdb_host_info:
    status: initialized
  register: free

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ free.hosts | map(attribute='name') | join(', ') }}"

- name: Find out why hosts could not be added, and what is supported
  gaussdb.tpops.gaussdb_host_info:
    status: initialize_failed
    gather: [detection_results, specifications]
  register: failed

- name: Show the checks that did not pass
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.detection_results | rejectattr('result', 'equalto', 'passed') }}"
  loop: "{{ failed.hosts }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
hosts:
  description: The hosts.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the host.
      type: str
    name:
      description: Name of the host.
      type: str
    description:
      description: Description of the host.
      type: str
    status:
      description: V(initializing), V(initialized) (ready, never used), V(initialize_failed), V(unmanaged) (no longer
        used by an instance, or used by an instance that the platform does not manage), V(in_use), V(deleting) or
        V(delete_failed).
      type: str
    type:
      description: Type of the host, such as V(BMS).
      type: str
    manage_ip:
      description: Address in the management network.
      type: str
    data_ip:
      description: Address in the data network.
      type: str
    virtual_ip:
      description: Address in the service network.
      type: str
    float_ip:
      description: Floating address.
      type: str
    ssh_port:
      description: Port of the SSH service.
      type: int
    ssh_key_id:
      description: ID of the key pair.
      type: str
    data_center:
      description: Name of the data center.
      type: str
    data_center_id:
      description: ID of the data center.
      type: str
    os_type:
      description: Operating system.
      type: str
    os_version:
      description: Version of the operating system.
      type: str
    os_arch:
      description: Architecture, V(x86) or V(arm).
      type: str
    cpu_spec:
      description: Vendor of the CPU.
      type: str
    storage_type:
      description: Type of the storage.
      type: str
    vcpus:
      description: Number of virtual CPUs.
      type: int
    memory:
      description: Size of the memory in GB.
      type: int
    root_disk_size:
      description: Size of the system disk in GB.
      type: int
    data_disk_size:
      description: Size of the data disks in GB.
      type: int
    instance_id:
      description: ID of the instance on the host.
      type: str
    instance_name:
      description: Name of that instance.
      type: str
    node_id:
      description: ID of the instance's node on the host.
      type: str
    job_id:
      description: ID of the last job about the host.
      type: str
    error_code:
      description: Error code of this job.
      type: str
    error_message:
      description: Error message of this job.
      type: str
    created_at:
      description: When the host was added.
      type: str
    updated_at:
      description: When it was last changed.
      type: str
    detection_results:
      description: The results of the checks on the host. Empty while it is initializing.
      returned: when O(gather) has V(detection_results)
      type: list
      elements: dict
      contains:
        id:
          description: ID of the check.
          type: str
        name:
          description: Name of the check.
          type: str
        description:
          description: What is checked.
          type: str
        expected:
          description: Expected value.
          type: str
        actual:
          description: Actual value.
          type: str
        result:
          description: V(passed), V(warning) or V(unpassed).
          type: str
  sample:
    - id: 2f9f4d1c-7f2a-4f7e-8b1c-6f1e7d3c5a90
      name: db-east-01
      status: initialized
      manage_ip: 192.0.2.11
      data_center: AZ1
      vcpus: 64
specifications:
  description: The host specifications that the platform supports.
  returned: when O(gather) has V(specifications)
  type: dict
  contains:
    types:
      description: Types of hosts.
      type: list
      elements: str
    os_types:
      description: Operating systems.
      type: list
      elements: str
    storage_types:
      description: Types of storage.
      type: list
      elements: str
    cpu_specs:
      description: CPU vendors.
      type: list
      elements: str
  sample:
    types:
      - BMS
    os_types:
      - kylin
      - uniontech
    storage_types:
      - localssd
      - dorado
    cpu_specs:
      - intel
      - kunpeng
      - hygon
"""
# RETURN:end

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import host as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import filter_equal, sort_by
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

STATUSES = ("initializing", "initialized", "initialize_failed", "unmanaged", "in_use", "deleting", "delete_failed")


def read(ctx: Context) -> Call:
    return api.list_hosts(*(ctx.params[name] for name in ("host_id", "data_center_id", "name", "type", "status")))


def select(ctx: Context, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The API has no filter for data center names, and its filter for host names also finds parts of names."""
    wanted = sort_by(
        filter_equal(found, name=ctx.params["name"], data_center=ctx.params["data_center"]),
        ctx.params["sort"],
        ctx.params["order"],
    )
    if "detection_results" in ctx.params["gather"]:
        return [{**host, "detection_results": ctx.items(api.list_detection_results(host["id"]))} for host in wanted]
    return wanted


def read_specifications(ctx: Context, found: list[dict[str, Any]]) -> dict[str, Any]:
    if "specifications" in ctx.params["gather"]:
        return {"specifications": ctx.client.item(api.list_host_specifications())}
    return {}


SPEC = Info(
    plural="hosts",
    fields=(
        Field("host_id"),
        Field("name"),
        Field("data_center"),
        Field("data_center_id"),
        Field("type"),
        Field("status", choices=STATUSES),
        Field("sort", choices=("name", "type", "status")),
        Field("order", choices=("asc", "desc"), default="asc"),
        Field("gather", type="list", elements="str", choices=("detection_results", "specifications"), default=[]),
    ),
    find=Find(read=read, select=select),
    result=read_specifications,
    returns=api.HOST.plus(
        Attr(
            "detection_results",
            kind="list",
            shape=api.DETECTION_RESULT,
            doc="The results of the checks on the host. Empty while it is initializing.",
            returned="when O(gather) has V(detection_results)",
        )
    ),
    also_returns=(
        Attr(
            "specifications",
            kind="dict",
            shape=api.SPECIFICATIONS,
            doc="The host specifications that the platform supports.",
            returned="when O(gather) has V(specifications)",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
