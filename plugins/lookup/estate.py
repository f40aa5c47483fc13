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
"""

EXAMPLES = r"""
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
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.files import load_file, load_tree


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        return [self._estate(str(term), (variables or {})["hostvars"].raw_get(str(term))) for term in terms]

    def _estate(self, site: str, variables: Mapping[str, Any]) -> Any:
        templar = self._templar.copy_with_new_env(available_variables=variables)
        folder = templar.template(variables.get("gaussdb_estate_dir"))
        if folder:
            return templar.template(load_tree(str(folder), lambda path: load_file(self._loader, path)))
        if "gaussdb_estate" not in variables:
            raise AnsibleLookupError(f"{site} has neither gaussdb_estate nor gaussdb_estate_dir")
        return templar.template(variables["gaussdb_estate"])
