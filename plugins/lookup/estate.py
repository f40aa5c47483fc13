# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: estate
short_description: Return the description of a platform, from a variable or from a tree of files
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns C(gaussdb_estate) of an inventory host or, where C(gaussdb_estate_dir) is set, what is in this folder.
    C(site.yml) holds what concerns the whole platform, and each file in C(instances) one instance.
  - Templates in the files are filled in with the variables of the host.
options:
  _terms:
    description: Names of inventory hosts that stand for platforms.
    type: list
    elements: str
    required: true
  instance:
    description:
      - Name of an instance. Only its entry is returned, with the defaults and settings of the platform.
      - Nothing else is filled in and, in a tree, read further than needed, so that the size of the estate does not
        matter.
    type: str
"""

EXAMPLES = r"""
- name: Show the users of an instance
  ansible.builtin.debug:
    msg: "{{ lookup('gaussdb.tpops.estate', 'site-a', instance='orders-prod').instances[0].users
      | map(attribute='name') | list }}"

- name: Show which instances are described
  ansible.builtin.debug:
    msg: "{{ lookup('gaussdb.tpops.estate', inventory_hostname).instances | map(attribute='name') | list }}"
"""

RETURN = r"""
_raw:
  description: The descriptions.
  type: list
  elements: dict
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.files import (
    load_instance,
    load_plain_file,
    load_tree,
    select_instance,
)


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        hosts = (variables or {})["hostvars"]
        return [self._estate(str(term), hosts.raw_get(str(term)), kwargs.get("instance")) for term in terms]

    def _estate(self, site: str, variables: Mapping[str, Any], instance: str | None) -> Any:
        templar = self._templar.copy_with_new_env(available_variables=variables)
        folder = templar.template(variables.get("gaussdb_estate_dir"))
        load = partial(load_plain_file, self._loader)
        if not folder and "gaussdb_estate" not in variables:
            raise AnsibleLookupError(f"{site} has neither gaussdb_estate nor gaussdb_estate_dir")
        if instance is None:
            written = load_tree(str(folder), load) if folder else variables["gaussdb_estate"]
        elif folder:
            written = load_instance(str(folder), load, instance, templar.template)
        else:
            written = select_instance(variables["gaussdb_estate"], (), instance, templar.template)
        return templar.template(written)
