#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_data_center
short_description: Manage data centers
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Adds, changes and removes data centers, which the platform also calls availability zones. Each host belongs to a
    data center.
  - The whole list is read with one request and written in batches of 50.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.attributes
options:
  data_centers:
    description:
      - Data centers to add, change or remove. Data centers that are not listed are left unchanged.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the data center, at most 20 letters, digits, hyphens and underscores.
          - If O(data_centers[].id) is set, this is the new name. Otherwise, it identifies the data center and is
            required.
          - The platform may refuse to rename a data center whose hosts run instances.
        type: str
      id:
        description:
          - ID of the data center.
        type: str
      description:
        description:
          - Description of the data center, at most 100 characters. An empty string clears it.
        type: str
  state:
    description:
      - Whether the data centers should exist. A data center that has hosts cannot be removed.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: gaussdb.tpops.gaussdb_data_center_info
  - module: gaussdb.tpops.gaussdb_host
"""

EXAMPLES = r"""
- name: Create two data centers
  gaussdb.tpops.gaussdb_data_center:
    data_centers:
      - name: AZ1
        description: Hall 1, row A to F
      - name: AZ2

- name: Look up the first one
  gaussdb.tpops.gaussdb_data_center_info:
    name: AZ1
  register: found

- name: Rename the first one
  gaussdb.tpops.gaussdb_data_center:
    data_centers:
      - id: "{{ found.data_centers[0].id }}"
        name: AZ-north

- name: Remove both data centers
  gaussdb.tpops.gaussdb_data_center:
    data_centers:
      - name: AZ-north
      - name: AZ2
    state: absent
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
data_centers:
  description: The data centers of the task as they are now, in check mode as they would be, as far as that is known.
    Removed ones are left out.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the data center.
      type: str
    name:
      description: Name of the data center.
      type: str
    description:
      description: Description of the data center.
      type: str
    hosts_num:
      description: Number of its hosts.
      type: int
  sample:
    - id: 59ec7944-757a-4429-b448-bad7207ce7c6
      name: AZ1
      description: Hall 1, row A to F
      hosts_num: 4
outcomes:
  description: What became of each data center of the task.
  returned: success, and when some failed
  type: list
  elements: dict
  contains:
    name:
      description: Its name or ID, as the task has it.
      type: str
    outcome:
      description: V(created), V(updated), V(removed), V(unchanged) or V(failed).
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
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import data_center as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Hooks, Resource, Write, Writes
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def keep_occupied(ctx: Context, item: Item) -> None:
    """The platform rejects the whole batch if one data center has hosts."""
    hosts = item.current["hosts_num"] if item.current and not item.present else None
    if hosts:
        raise InputError("state", f"data center {item.label} has hosts ({hosts}) and cannot be removed")


SPEC = Resource(
    name="data_center",
    plural="data_centers",
    batch=True,
    fields=(
        Field(
            "name",
            required_to_create=True,
            validate_new=checks.pattern(r"[A-Za-z0-9_-]{1,20}", "1 to 20 letters, digits, hyphens or underscores"),
        ),
        Field("id"),
        Field("description", validate=checks.length(0, 100)),
    ),
    find=Find(identified_by=("id", "name"), read=lambda ctx: api.list_data_centers()),
    writes=Writes(
        create=Write.batch(
            lambda ctx, items: api.add_data_centers([item.desired for item in items]),
            "Add data center {names}",
            size=api.BATCH,
        ),
        updates=(
            Write.batch(
                lambda ctx, items: api.modify_data_centers(
                    [{**item.changes, "id": item.existing["id"]} for item in items]
                ),
                "Change data center {names}",
                size=api.BATCH,
            ),
        ),
        delete=Write.batch(
            lambda ctx, items: api.delete_data_centers([item.existing["id"] for item in items]),
            "Remove data center {names}",
            size=api.BATCH,
        ),
    ),
    hooks=Hooks(refine=keep_occupied),
    returns=api.DATA_CENTER,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
