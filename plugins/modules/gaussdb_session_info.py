#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_session_info
short_description: Gather information about the sessions of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the sessions of the databases of an instance and their current activity. Sends one request for each component.
  - The platform omits its own users and sessions without a client address.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.info
options:
  database:
    description:
      - List only sessions in this database. An empty string is refused.
    type: str
  user:
    description:
      - List only sessions of this user. An empty string is refused.
    type: str
  client_ip:
    description:
      - List only sessions from this address. An empty string is refused.
    type: str
  node_id:
    description:
      - List only sessions on this node.
    type: str
  component_id:
    description:
      - List only sessions of this component, such as V(dn_6001) or V(cn_5001).
    type: str
seealso:
  - module: gaussdb.tpops.gaussdb_session
"""

EXAMPLES = r"""
- name: List the sessions of a user
  gaussdb.tpops.gaussdb_session_info:
    instance: orders-prod
    user: orders_app
  register: found

- name: Show the sessions that block others
  ansible.builtin.debug:
    msg: "{{ found.sessions | selectattr('id', 'in', found.sessions | map(attribute='blocked_by') | list) | list }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
sessions:
  description: The sessions.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the session. It is unique within its component.
      type: str
    state:
      description: State, such as V(active), V(idle) or V(idle in transaction).
      type: str
    database:
      description: Name of the database.
      type: str
    user:
      description: Name of the database user.
      type: str
    client_ip:
      description: Address of the client.
      type: str
    application_name:
      description: Application name.
      type: str
    waiting:
      description: Whether the session is waiting.
      type: bool
    wait_event:
      description: What it waits for.
      type: str
    blocked_by:
      description: ID of the blocking session.
      type: str
    query:
      description: Text of the current or the last statement.
      type: str
    query_runtime:
      description: How long the statement has been running, such as V(00:00:22.641774).
      type: str
    sql_id:
      description: ID of the normalized statement.
      type: str
    pid:
      description: ID of the thread.
      type: str
    started_at_ms:
      description: When the session started, in milliseconds since 1970.
      type: int
    transaction_started_at_ms:
      description: When the current transaction started, in milliseconds since 1970. Empty outside a transaction.
      type: int
    query_started_at_ms:
      description: When the statement started, in milliseconds since 1970.
      type: int
    age_seconds:
      description: Age of the session in seconds.
      type: int
    transactions:
      description: Number of its transactions.
      type: int
    rollbacks:
      description: Number of its rolled back transactions.
      type: int
    statements:
      description: Number of its statements.
      type: int
    node_id:
      description: ID of the node.
      type: str
    node_name:
      description: Name of the node.
      type: str
    component_id:
      description: ID of the component, such as V(dn_6001).
      type: str
components:
  description: The coordinators and data nodes that were queried.
  returned: success
  type: list
  elements: dict
  contains:
    node_id:
      description: ID of the node.
      type: str
    node_name:
      description: Name of the node.
      type: str
    component_id:
      description: ID of the component, such as V(dn_6001).
      type: str
    type:
      description: V(CN) or V(DN).
      type: str
    role:
      description: Role of the node, such as V(master).
      type: str
    distributed_id:
      description: Number of the component within the instance.
      type: str
    detail:
      description: State as text.
      type: str
"""
# RETURN:end

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import session as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.session import (
    FILTERS,
    SESSION,
    components_of,
    sessions_of,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def look(ctx: Context, components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sessions_of(ctx, components_of(ctx, components))


SPEC = Info(
    plural="sessions",
    parent=INSTANCE,
    fields=FILTERS,
    find=Find(read=lambda ctx: api.list_session_nodes(ctx.parent.id), select=look),
    result=lambda ctx, sessions: {"components": components_of(ctx, list(ctx.listed))},
    returns=SESSION,
    also_returns=(
        Attr(
            "components",
            kind="list",
            shape=api.COMPONENT,
            doc="The coordinators and data nodes that were queried.",
            returned="success",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
