#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documents an action of the controller, which has no module: see plugins/action/gaussdb_validate.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_validate
short_description: Validate the description of a platform without a platform
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Finds all mistakes that can be found in the description itself, and reports each by its path, such as
    C(instances[orders-prod].users[2].pasword), with file and line where these are known.
  - It sends no request. It needs neither a platform nor a key of Ansible Vault, and looks at no value that is
    encrypted or that belongs into an option for secrets. A password that is written in plain text is checked.
  - Options, types and values are those of the modules that converge the parts. Names are looked up in the
    description, as far as it describes objects of their kind.
  - A description with nothing in it is an error, in each playbook, unless it is V({}) and the variable
    C(gaussdb_empty_estate) of the inventory host is true.
  - This is an action of the controller. The playbook C(gaussdb.tpops.validate) runs it.
attributes:
  check_mode:
    description: Can run in check mode and return changed status without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed, when in diff mode.
    support: none
    details: It changes nothing.
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
options:
  estate:
    description:
      - Name of the variable with the description of the platform that the inventory host stands for.
      - It is the name and not the value, because Ansible fills in all templates of a value, those of secrets too.
    type: str
    default: gaussdb_estate
  estate_dir:
    description:
      - Folder with the description as a tree, in place of O(estate). C(site.yml) holds what concerns the whole
        platform, and each file in C(instances) one instance.
    type: path
  relations:
    description:
      - Name of the variable with relations of disaster recovery. They are validated in place of an estate. Without
        this variable there is nothing to validate.
    type: str
seealso:
  - module: gaussdb.tpops.gaussdb_instance
"""

EXAMPLES = r"""
- name: Validate the description of each platform
  gaussdb.tpops.gaussdb_validate:

- name: Validate a description that is a tree
  gaussdb.tpops.gaussdb_validate:
    estate_dir: "{{ inventory_dir }}/estate"
  register: validated

- name: Show where the mistakes are
  ansible.builtin.debug:
    msg: "{{ validated.problems | map(attribute='path') | list }}"

- name: Validate the relations of disaster recovery
  gaussdb.tpops.gaussdb_validate:
    relations: dr_relations
  run_once: true
"""

RETURN = r"""
problems:
  description: All problems, in the order of the lines at which they are. The task fails when there are any.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Where the problem is, as people know the place.
      type: str
    problem:
      description: What is wrong. It does not repeat the value of a secret.
      type: str
    file:
      description: File with the value, null where it is unknown.
      type: str
    line:
      description: Line in this file, null where it is unknown.
      type: int
  sample:
    - path: instances[orders-prod].users[2].pasword
      problem: unknown, did you mean password?
      file: group_vars/tpops/estate.yml
      line: 61
"""
