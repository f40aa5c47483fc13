# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: platforms
short_description: Check that a run has platforms to work on
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns a host pattern for the C(hosts) of a play, without the hosts that stand for instances, nodes and relations.
    It fails when the run would do nothing, which ansible-core by itself passes over with a warning and exit status 0.
  - It fails when a part of the pattern or of C(--limit) matches no host of the inventory, when C(--limit) leaves no
    platform, with C(--skip-tags always), and with C(--start-at-task). A run that starts in the middle has no hosts for
    instances and relations, because earlier tasks make these.
  - With C(--syntax-check) and the listings of C(ansible-playbook) nothing is checked.
options:
  _terms:
    description: The pattern, a text or a list of texts.
    required: true
"""

EXAMPLES = r"""
- name: Read the instances of all platforms
  hosts: "{{ lookup('gaussdb.tpops.platforms', gaussdb_sites | default('tpops')) }}"
  gather_facts: false
  tasks:
    - name: Read them
      gaussdb.tpops.gaussdb_instance_info:
"""

RETURN = r"""
_raw:
  description: The pattern.
  type: list
  elements: raw
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible import context
from ansible.errors import AnsibleLookupError
from ansible.inventory.manager import InventoryManager, split_host_pattern
from ansible.plugins.lookup import LookupBase

# Groups that a run or the inventory plugin makes: their hosts are no platforms, although a pattern such as all matches
# them.
MADE = ("gaussdb_instances", "gaussdb_nodes", "gaussdb_dr_relations")
LISTINGS = ("syntax", "listhosts", "listtasks", "listtags")
WAY = "To run for one platform, say -e gaussdb_sites=SITE, or --limit 'SITE,*@SITE'"


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        arguments = context.CLIARGS
        if any(arguments.get(listing) for listing in LISTINGS):
            return terms
        if arguments.get("start_at_task"):
            raise AnsibleLookupError(
                "This playbook runs from its beginning, where it checks its input and makes the hosts of the plays "
                "that follow: leave out "
                "--start-at-task. What is done already is not done again"
            )
        if "always" in (arguments.get("skip_tags") or ()):
            raise AnsibleLookupError(
                "The checks of this playbook have the tag always, and a run without them could do nothing unnoticed: "
                "leave out --skip-tags always"
            )
        (pattern,) = terms
        known = variables or {}
        inventory = self._inventory(known["groups"])
        parts = split_host_pattern(pattern)
        for part in parts:
            if not _matches(inventory, part):
                raise AnsibleLookupError(
                    f"No host of the inventory matches {part}: platforms are the hosts of the group tpops, or of the "
                    "pattern gaussdb_sites"
                )
        found = [",".join([*parts, *(f"!{group}" for group in MADE if group in known["groups"])])]
        limit = known.get("ansible_limit")
        if not limit:
            return found
        for part in split_host_pattern(limit):
            # What has an @ inside may be a host that this run makes, and what begins with one is a file.
            if "@" not in part and not _matches(inventory, part):
                raise AnsibleLookupError(f"No host of the inventory matches {part} of --limit {limit}. {WAY}")
        inventory.subset(limit)
        if not inventory.get_hosts(found[0]):
            raise AnsibleLookupError(f"--limit {limit} leaves no platform. {WAY}")
        return found

    def _inventory(self, groups: Mapping[str, Sequence[str]]) -> InventoryManager:
        """Return the hosts of the run as an inventory in which patterns can be matched."""
        inventory = InventoryManager(self._loader, parse=False)
        for group, hosts in groups.items():
            inventory.add_group(group)
            for host in hosts:
                inventory.add_host(host, group=group)
        return inventory


def _matches(inventory: InventoryManager, part: str) -> bool:
    """Return whether a part of a host pattern knows a host, also one that it excludes."""
    return bool(inventory.get_hosts(part.lstrip("!&")))
