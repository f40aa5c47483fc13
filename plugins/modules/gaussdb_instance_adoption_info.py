#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_instance_adoption_info
short_description: Gather information about running databases that are not managed
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the hosts of databases that the platform does not manage, and whether each of them has been added to the
    platform, which M(gaussdb.tpops.gaussdb_instance_adoption) requires.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.info
options:
  manage_ip:
    description:
      - Management address of one host of the database. If omitted, the hosts of all unmanaged databases are listed.
    type: str
seealso:
  - module: gaussdb.tpops.gaussdb_instance_adoption
"""

EXAMPLES = r"""
- name: List unmanaged databases
  gaussdb.tpops.gaussdb_instance_adoption_info:
  register: unmanaged

- name: Show which hosts must be added first
  ansible.builtin.debug:
    msg: "{{ unmanaged.hosts | rejectattr('added') | map(attribute='manage_ip') | join(', ') }}"

- name: Find all hosts of one database
  gaussdb.tpops.gaussdb_instance_adoption_info:
    manage_ip: 192.0.2.61
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
hosts:
  description: The hosts.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the host.
      type: str
    manage_ip:
      description: Management address.
      type: str
    added:
      description: Whether the host was added to the platform.
      type: bool
    status:
      description: The platform's word for this, such as V(added).
      type: str
    type:
      description: Type of host, such as V(BMS).
      type: str
  sample:
    - name: db-east-01
      manage_ip: 192.0.2.61
      added: true
      status: added
      type: BMS
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import instance_operations as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Info(
    plural="hosts",
    fields=(Field("manage_ip", validate=checks.ip_address),),
    find=Find(read=lambda ctx: api.check_hosts_manageable(ctx.params["manage_ip"])),
    returns=api.MANAGEABLE_HOST,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
