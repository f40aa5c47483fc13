#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_session
short_description: Terminate sessions
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Terminates sessions by their IDs, all idle sessions, or all sessions that match the options. Sessions that no longer
    exist are not an error.
  - Uncommitted transactions of the sessions are rolled back. The module refuses that unless
    O(discard_transactions=true).
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  session_ids:
    description:
      - IDs of the sessions, as M(gaussdb.tpops.gaussdb_session_info) lists them. An ID is only unique within its
        component. If several components have a session with this ID, O(component_id) is required.
      - Required if none of O(idle), O(database), O(user) and O(client_ip) is given. A session must match all of the
        given options.
    type: list
    elements: str
  idle:
    description:
      - Whether to terminate only sessions whose state is V(idle). Sessions that are idle in a transaction are not
        included.
    type: bool
    default: false
  database:
    description:
      - Terminate only sessions in this database. An empty string is refused.
    type: str
  user:
    description:
      - Terminate only sessions of this user. An empty string is refused.
    type: str
  client_ip:
    description:
      - Terminate only sessions from this address. An empty string is refused.
    type: str
  node_id:
    description:
      - Terminate only sessions on this node.
    type: str
  component_id:
    description:
      - Terminate only sessions of this component, such as V(dn_6001) or V(cn_5001).
    type: str
  discard_transactions:
    description:
      - Confirms that uncommitted changes of the sessions are lost. Required if one of the sessions is in a transaction.
    type: bool
    default: false
seealso:
  - module: gaussdb.tpops.gaussdb_session_info
"""

EXAMPLES = r"""
- name: Terminate all idle sessions
  gaussdb.tpops.gaussdb_session:
    instance: orders-prod
    idle: true

- name: Terminate all sessions of a user, even during transactions
  gaussdb.tpops.gaussdb_session:
    instance: orders-prod
    user: orders_report
    discard_transactions: true
  register: ended

- name: Show where they came from
  ansible.builtin.debug:
    msg: "{{ ended.sessions | map(attribute='client_ip') | unique }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
sessions:
  description: The terminated sessions as they were before, in check mode those that would be terminated.
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


from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import session_end as sessions
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.session import (
    FILTERS,
    SESSION,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Hooks
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Action(
    name="session",
    parent=INSTANCE,
    fields=(
        Field("session_ids", type="list", elements="str", validate=checks.not_empty),
        Field("idle", type="bool", default=False),
        *FILTERS,
        Field("discard_transactions", type="bool", default=False),
    ),
    steps=sessions.plan,
    shortfall=sessions.find_missing,
    sees_writes=True,
    hooks=Hooks(result=sessions.build_result),
    also_returns=(
        Attr(
            "sessions",
            kind="list",
            shape=SESSION,
            doc="The terminated sessions as they were before, in check mode those that would be terminated.",
            returned="success",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
