#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_sql_patch
short_description: Manage SQL patches
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Adds a hint to a slow statement without a change to the application, enables or disables it, and removes it.
  - A statement has at most one patch on a node. The platform can neither rename a patch nor change its hint, so the
    module removes the patch and creates a new one.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  node_id:
    description:
      - ID of the node with the coordinator or data node that runs the statement. M(gaussdb.tpops.gaussdb_slow_sql_info)
        and M(gaussdb.tpops.gaussdb_component_info) return it.
    type: str
    required: true
  sql_id:
    description:
      - ID of the normalized statement, as M(gaussdb.tpops.gaussdb_slow_sql_info) lists it.
    type: str
    required: true
  name:
    description:
      - Name of the patch, 1 to 63 characters. It is unique on the node.
      - Required to create the patch.
    type: str
  hint:
    description:
      - The hint, 1 to 1024 characters, such as V(indexscan(parcels\)). Blanks, semicolons, angle brackets, backslashes,
        double quotes, braces, square brackets, tildes, question marks, exclamation marks and line ends are not allowed.
      - Required to create the patch.
    type: str
  state:
    description:
      - Whether the patch should be enabled, disabled or absent.
    type: str
    choices: [enabled, disabled, absent]
    default: enabled
seealso:
  - module: gaussdb.tpops.gaussdb_sql_patch_info
  - module: gaussdb.tpops.gaussdb_slow_sql_info
"""

EXAMPLES = r"""
- name: List the nodes of the instance
  gaussdb.tpops.gaussdb_component_info:
    instance: orders-prod
    type: DN
  register: data

- name: Make a statement use an index
  gaussdb.tpops.gaussdb_sql_patch:
    instance: orders-prod
    node_id: "{{ data.nodes[0].id }}"
    sql_id: "2987311045"
    name: parcels_by_weight
    hint: indexscan(parcels)
  register: patched

- name: Show the hint
  ansible.builtin.debug:
    var: patched.sql_patch.hint

- name: Disable the hint
  gaussdb.tpops.gaussdb_sql_patch:
    instance: orders-prod
    node_id: "{{ data.nodes[0].id }}"
    sql_id: "2987311045"
    state: disabled

- name: Remove the hint
  gaussdb.tpops.gaussdb_sql_patch:
    instance: orders-prod
    node_id: "{{ data.nodes[0].id }}"
    sql_id: "2987311045"
    state: absent
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
sql_patch:
  description: The patch as it is now, in check mode as it would be.
  returned: success, unless O(state=absent)
  type: dict
  contains:
    name:
      description: Name of the patch.
      type: str
    hint:
      description: Hint of the patch.
      type: str
    enabled:
      description: Whether the patch is in effect.
      type: bool
    node_id:
      description: ID of the node.
      type: str
    sql_id:
      description: ID of the statement.
      type: str
  sample:
    name: parcels_by_weight
    hint: indexscan(parcels)
    enabled: true
    node_id: 1a2b3c4d5e6f40718293a4b5c6d7e8f9no14
    sql_id: '2987311045'
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

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import sql_patch as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.sql_patch import (
    PATCH,
    PLACE,
    add_place,
    is_without_patch,
    read_patch,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Hooks, Resource, Write, Writes
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

HINT = checks.pattern(
    r'[^ ;<>\\"{}\[\]~?!\n]{1,1024}', '1 to 1024 characters without blanks, line ends and ; < > \\ " { } [ ] ~ ? !'
)


def build_desired(ctx: Context) -> list[dict[str, Any]]:
    params = ctx.params
    return [
        {
            **{name: params[name] for name in ("node_id", "sql_id", "name", "hint")},
            "enabled": params["state"] == "enabled",
        }
    ]


def place_of(ctx: Context) -> tuple[str | None, str, str]:
    return ctx.parent.id, ctx.params["node_id"], ctx.params["sql_id"]


def create(ctx: Context, item: Item) -> Call:
    return api.create_sql_patch(*place_of(ctx), item.value("name"), item.value("hint"), item.desired["enabled"])


def create_again(ctx: Context, item: Item) -> Call:
    """Keep the patch enabled or disabled as it is. A separate step changes that."""
    return api.create_sql_patch(*place_of(ctx), item.value("name"), item.value("hint"), item.existing["enabled"])


def drop(ctx: Context, item: Item) -> Call:
    return api.handle_sql_patch(*place_of(ctx), item.existing["name"], "drop")


def switch(ctx: Context, item: Item) -> Call:
    return api.handle_sql_patch(*place_of(ctx), item.value("name"), "open" if item.desired["enabled"] else "close")


SPEC = Resource(
    name="sql_patch",
    plural="sql_patches",
    parent=INSTANCE,
    states=("enabled", "disabled", "absent"),
    fields=(
        *PLACE,
        Field("name", required_to_create=True, validate_new=checks.pattern(r"(?=.*\S).{1,63}", "1 to 63 characters")),
        Field("hint", required_to_create=True, validate=HINT),
        Field("enabled", type="bool", role=Role.COMPUTED),
    ),
    find=Find(identified_by=("sql_id",), read=read_patch, on_error=is_without_patch, select=add_place),
    writes=Writes(
        create=Write.each(create, "Create SQL patch {names}", fields=("name", "hint", "enabled")),
        updates=(
            Write.each(drop, "Remove the SQL patch that {names} replaces", fields=("name", "hint")),
            Write.each(create_again, "Recreate SQL patch {names}", fields=("name", "hint")),
            Write.each(
                switch,
                lambda item: f"Turn SQL patch {item.label} {'on' if item.desired['enabled'] else 'off'}",
                fields=("enabled",),
            ),
        ),
        delete=Write.each(drop, "Remove SQL patch {names}"),
    ),
    hooks=Hooks(desired=build_desired),
    returns=PATCH,
    also_returns=(Attr("sql_patch", doc="The patch as it is now, in check mode as it would be."),),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
