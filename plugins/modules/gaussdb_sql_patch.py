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
  - Gives a slow statement a hint without a change of the application, turns the hint on and off, and removes it.
  - A statement has one patch on a node at most. The platform can neither rename a patch nor change its hint, so that
    the module removes it and makes another one.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  node_id:
    description:
      - ID of the node with the coordinator or data node that runs the statement. M(gaussdb.tpops.gaussdb_slow_sql_info)
        and M(gaussdb.tpops.gaussdb_component_info) tell it.
    type: str
    required: true
  sql_id:
    description:
      - ID of the normalised statement, as M(gaussdb.tpops.gaussdb_slow_sql_info) lists it.
    type: str
    required: true
  name:
    description:
      - Name of the patch, 1 to 63 characters. It is unique on the node.
      - Required when the patch has to be made.
    type: str
  hint:
    description:
      - The hint, 1 to 1024 characters, such as V(indexscan(parcels\)). Blanks, semicolons, angle brackets, backslashes,
        double quotes, braces, square brackets, tildes, question marks, exclamation marks and line ends are not allowed.
      - Required when the patch has to be made.
    type: str
  state:
    description:
      - Whether the patch shall be in effect, be there without effect, or not be there.
    type: str
    choices: [enabled, disabled, absent]
    default: enabled
seealso:
  - module: gaussdb.tpops.gaussdb_sql_patch_info
  - module: gaussdb.tpops.gaussdb_slow_sql_info
"""

EXAMPLES = r"""
- name: Look for the nodes of the instance
  gaussdb.tpops.gaussdb_component_info:
    instance: orders-prod
    type: DN
  register: data

- name: Have a statement use an index
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

- name: See how it runs without
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

from collections.abc import Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import sql_patch as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.sql_patch import (
    PATCH,
    PLACE,
    no_patch,
    placed,
    read_patch,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Field, Resource, Write
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

HINT = checks.pattern(
    r'[^ ;<>\\"{}\[\]~?!\n]{1,1024}', '1 to 1024 characters without blanks, line ends and ; < > \\ " { } [ ] ~ ? !'
)


def wish(ctx: Context) -> list[dict[str, Any]]:
    params = ctx.params
    return [
        {
            **{name: params[name] for name in ("node_id", "sql_id", "name", "hint")},
            "enabled": params["state"] == "enabled",
        }
    ]


def place(ctx: Context) -> tuple[str | None, str, str]:
    return ctx.scope_id, ctx.params["node_id"], ctx.params["sql_id"]


def create(ctx: Context, items: Sequence[Item]) -> Call:
    return api.create_sql_patch(
        *place(ctx), items[0].value("name"), items[0].value("hint"), items[0].desired["enabled"]
    )


def create_again(ctx: Context, items: Sequence[Item]) -> Call:
    """The patch stays in effect, or without; whether that is to change is a step of its own."""
    return api.create_sql_patch(
        *place(ctx), items[0].value("name"), items[0].value("hint"), items[0].existing["enabled"]
    )


def drop(ctx: Context, items: Sequence[Item]) -> Call:
    return api.handle_sql_patch(*place(ctx), items[0].existing["name"], "drop")


def switch(ctx: Context, items: Sequence[Item]) -> Call:
    return api.handle_sql_patch(*place(ctx), items[0].value("name"), "open" if items[0].desired["enabled"] else "close")


SPEC = Resource(
    name="sql_patch",
    plural="sql_patches",
    parent=INSTANCE,
    identified_by=("sql_id",),
    states=("enabled", "disabled", "absent"),
    default_state="enabled",
    fields=(
        *PLACE,
        Field("name", required_to_create=True, validate_new=checks.pattern(r"(?=.*\S).{1,63}", "1 to 63 characters")),
        Field("hint", required_to_create=True, validate=HINT),
        Field("enabled", type="bool", option=False),
    ),
    desired=wish,
    read=read_patch,
    on_read_error=no_patch,
    select=placed,
    create=Write(create, "Make SQL patch {names}", fields=("name", "hint", "enabled")),
    updates=(
        Write(drop, "Remove the SQL patch that {names} replaces", fields=("name", "hint")),
        Write(create_again, "Make SQL patch {names} again", fields=("name", "hint")),
        Write(
            switch,
            lambda items: f"Turn SQL patch {items[0].label} {'on' if items[0].desired['enabled'] else 'off'}",
            fields=("enabled",),
        ),
    ),
    delete=Write(drop, "Remove SQL patch {names}"),
    returns=PATCH,
    also_returns=(Attr("sql_patch", doc="The patch as it is now, in check mode as it would be."),),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
