# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: selected_instances
short_description: Return which instances of a platform a procedure is about
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Without O(host), an instance is selected from the description of the platform, or, if there is none, from the
    platform. O(targets) can also name one that is not described.
positional: _input, site, estate
options:
  _input:
    description: The instances of the platform, as M(gaussdb.tpops.gaussdb_instance_info) returns them.
    type: list
    elements: dict
    required: true
  site:
    description: The inventory host of the platform.
    type: str
    required: true
  estate:
    description: The description of the platform, C(gaussdb_estate).
    type: dict
    default: {}
  targets:
    description: Names of instances, or patterns such as V(core-*). Without any, all instances.
    type: list
    elements: str
    default: []
  tags:
    description: Only described instances with all of these C(tags).
    type: list
    elements: str
    default: []
  host:
    description: Only instances with a node on this host, given by its name or management address, or with the node of
      this name or ID, whether they are described or not.
    type: str
    default: ""
  known:
    description: The variables of the hosts of instances that the inventory has. These hosts keep their names.
    type: list
    elements: dict
    default: []
  known_only:
    description: Whether only instances of O(known) are selected. What is described and does not exist is named all the
      same.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show the instances with a node on a host
  ansible.builtin.debug:
    msg: "{{ (read.instances | gaussdb.tpops.selected_instances('site-a', host='db-03')).subjects }}"
"""

RETURN = r"""
_value:
  description: What is selected.
  type: dict
  sample:
    subjects:
      - host: orders-prod@site-a
        site: site-a
        pending: true
        members: {site-a: orders-prod}
        member_site: site-a
        relation: {}
    missing: []
    names: [orders-prod]
    matched: [orders-*]
    gone: []
  contains:
    subjects:
      description: One entry for each instance, as P(gaussdb.tpops.upgrade_subjects#filter) returns them.
      type: list
      elements: dict
    missing:
      description: The names of instances that are selected and described, and do not exist.
      type: list
      elements: str
    names:
      description: The names of all instances of the platform and of its description.
      type: list
      elements: str
    matched:
      description: Those of O(targets) that match an instance.
      type: list
      elements: str
    gone:
      description: Those of O(targets) that are the name of no instance and of no described one, as C(subjects).
      type: list
      elements: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.selection import select_instances


def selected_instances(
    instances: Sequence[Mapping[str, Any]], site: str, estate: Mapping[str, Any] | None = None, **options: Any
) -> dict[str, Any]:
    return select_instances(site, instances, estate or {}, **options)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"selected_instances": selected_instances}
