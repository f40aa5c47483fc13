#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_host
short_description: Manage hosts
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Adds hosts to the platform, changes their settings, and removes them from the platform.
  - The platform logs in to a new host as root, checks it and installs its agent. The task waits until this is finished
    on all hosts. If it fails on a host, the task fails with the reason that the platform reports.
  - The hosts are read with one request for each 100 hosts, and written in batches of 50.
  - A host whose initialization or deletion has failed is removed and added again by the next run. If a host is being
    initialized or deleted, the task waits for it first.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.attributes
attributes:
  idempotent:
    support: partial
    details: The root password of a host cannot be read back, so O(hosts[].os_root_password) of an existing host is not
      compared.
options:
  hosts:
    description:
      - Hosts to add, change or remove. Hosts that are not listed are left unchanged.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the host on the platform, at most 64 bytes.
          - Required to add a host. If O(hosts[].host_id) or O(hosts[].manage_ip) is set, this is the new name.
        type: str
      host_id:
        description:
          - ID of the host.
        type: str
      manage_ip:
        description:
          - IP address in the management network. It identifies the host if O(hosts[].host_id) is not set. It cannot be
            changed.
          - Required to add a host.
        type: str
      data_ip:
        description:
          - IP address in the data network. Required to add a host.
          - It cannot be changed while the host is V(unmanaged) or V(in_use).
        type: str
      virtual_ip:
        description:
          - IP address in the service network. Required to add a host.
          - It cannot be changed while the host is V(unmanaged) or V(in_use).
        type: str
      data_center:
        description:
          - Name of the data center. This or O(hosts[].data_center_id) is required to add a host.
          - A host that already runs an instance must be added to a data center with the name of the instance's
            availability zone.
        type: str
      data_center_id:
        description:
          - ID of the data center.
        type: str
      key_pair:
        description:
          - Name of the key pair that the platform logs in with. Its public key must be installed on the host, see
            M(gaussdb.tpops.gaussdb_key_pair).
          - This, O(hosts[].ssh_key_id) or O(hosts[].os_root_password) is required to add a host.
          - A name needs one more request for each task.
        type: str
      ssh_key_id:
        description:
          - ID of the key pair that the platform logs in with.
        type: str
      os_root_password:
        description:
          - Password of the root user, to log in to the host when it is added or removed.
          - It is not compared, so a new password is not a change.
        type: str
      ssh_port:
        description:
          - Port of the SSH service, from 1 to 65535 except 8002 and 12017. The default for a new host is V(22).
          - It cannot be changed.
        type: int
      type:
        description:
          - Type of the host. The default for a new host is V(BMS), which is bare metal. It cannot be changed.
        type: str
        choices: [BMS]
      os_type:
        description:
          - Operating system. Required to add a host. It cannot be changed.
        type: str
        choices: [kylin, uniontech]
      cpu_spec:
        description:
          - CPU vendor. Required to add a host. It cannot be changed.
        type: str
        choices: [intel, hygon, kunpeng]
      storage_type:
        description:
          - Type of the storage. The default for a new host is V(localssd). It cannot be changed.
        type: str
        choices: [localssd, dorado]
      description:
        description:
          - Description of the host, at most 100 characters. An empty string clears it.
        type: str
      remove_chroot_dir:
        description:
          - Whether to delete a sandbox directory from an earlier installation when the host is added. Otherwise, a host
            with such a directory cannot be added.
        type: bool
        default: false
  state:
    description:
      - Whether the hosts should exist. A host that runs an instance cannot be removed.
      - To remove a host, the platform logs in to it with O(hosts[].os_root_password), O(hosts[].key_pair) or
        O(hosts[].ssh_key_id). If none is set, it uses the key pair that the host was added with.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: gaussdb.tpops.gaussdb_host_info
  - module: gaussdb.tpops.gaussdb_data_center
  - module: gaussdb.tpops.gaussdb_key_pair
"""

EXAMPLES = r"""
- name: Create a data center
  gaussdb.tpops.gaussdb_data_center:
    data_centers:
      - name: AZ1

- name: Create a key pair
  gaussdb.tpops.gaussdb_key_pair:
    name: ssh-hall-1

- name: Add two hosts
  gaussdb.tpops.gaussdb_host:
    hosts:
      - name: db-east-01
        manage_ip: 192.0.2.11
        data_ip: 198.51.100.11
        virtual_ip: 203.0.113.11
        data_center: AZ1
        key_pair: ssh-hall-1
        os_type: kylin
        cpu_spec: kunpeng
      - name: db-east-02
        manage_ip: 192.0.2.12
        data_ip: 198.51.100.12
        virtual_ip: 203.0.113.12
        data_center: AZ1
        key_pair: ssh-hall-1
        os_type: kylin
        cpu_spec: kunpeng
  register: added

- name: Show what the platform found on them
  ansible.builtin.debug:
    msg: "{{ item.name }} has {{ item.vcpus }} virtual CPUs and is {{ item.status }}"
  loop: "{{ added.hosts }}"

- name: Set the description of one host
  gaussdb.tpops.gaussdb_host:
    hosts:
      - manage_ip: 192.0.2.12
        description: Spare

- name: Remove both hosts
  gaussdb.tpops.gaussdb_host:
    hosts:
      - name: db-east-01
      - name: db-east-02
    state: absent
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
hosts:
  description: The hosts of the task as they are now, in check mode as they would be, as far as that is known. Removed
    ones are left out.
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
  sample:
    - id: 2f9f4d1c-7f2a-4f7e-8b1c-6f1e7d3c5a90
      name: db-east-01
      status: initialized
      manage_ip: 192.0.2.11
      data_center: AZ1
      vcpus: 64
outcomes:
  description: What became of each host of the task.
  returned: success, and when some failed
  type: list
  elements: dict
  contains:
    name:
      description: Its name or ID, as the task has it.
      type: str
    outcome:
      description: V(created), V(updated), V(removed), V(unchanged) or V(failed). V(created) also stands for a failed
        one that was replaced.
      type: str
    msg:
      description: Why it failed.
      returned: when it failed
      type: str
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


from ansible_collections.gaussdb.tpops.plugins.module_utils.api import host as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import host as hosts
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Find,
    Hooks,
    Resource,
    Status,
    Write,
    Writes,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Resource(
    name="host",
    plural="hosts",
    batch=True,
    status=Status(
        pending=("initializing", "deleting"),
        settled=("initialized", "unmanaged", "in_use"),
        failed=hosts.FAILED,
        detail=lambda host: " ".join(text for text in (host["error_code"], host["error_message"]) if text),
    ),
    starts_jobs=True,
    fields=(
        Field("name", required_to_create=True, validate_new=checks.length(1, 64, "bytes")),
        Field("host_id", reads="id"),
        Field("manage_ip", required_to_create=True, role=Role.CREATE_ONLY, validate=checks.ip_address),
        Field("data_ip", required_to_create=True, validate=checks.ip_address),
        Field("virtual_ip", required_to_create=True, validate=checks.ip_address),
        Field("data_center"),
        Field("data_center_id"),
        Field("key_pair", role=Role.CONTROL, no_log=False),
        Field("ssh_key_id", no_log=False),
        Field("os_root_password", role=Role.WRITE_ONLY, no_log=True),
        Field(
            "ssh_port",
            type="int",
            role=Role.CREATE_ONLY,
            validate=checks.every(
                checks.between(1, 65535), checks.not_in(api.RESERVED_SSH_PORTS, "a port of the platform")
            ),
        ),
        Field("type", choices=("BMS",), role=Role.CREATE_ONLY),
        Field("os_type", choices=("kylin", "uniontech"), required_to_create=True, role=Role.CREATE_ONLY),
        Field("cpu_spec", choices=("intel", "hygon", "kunpeng"), required_to_create=True, role=Role.CREATE_ONLY),
        Field("storage_type", choices=("localssd", "dorado"), role=Role.CREATE_ONLY),
        Field("description", validate=checks.length(0, 100)),
        Field("remove_chroot_dir", type="bool", default=False, role=Role.CONTROL),
    ),
    find=Find(identified_by=("host_id", "manage_ip", "name"), read=lambda ctx: api.list_hosts()),
    writes=Writes(
        replace_failed=True,
        create=Write.batch(hosts.add, "Add host {names}", size=api.BATCH),
        updates=(Write.batch(hosts.modify, "Change host {names}", size=api.BATCH),),
        delete=Write.batch(hosts.remove, "Remove host {names}", size=api.BATCH),
    ),
    hooks=Hooks(validate=hosts.check_host, refine=hosts.look_closer, describe=hosts.describe),
    returns=api.HOST,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
