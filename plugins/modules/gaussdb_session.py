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

from collections.abc import Sequence
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
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import filter_equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Plan, Policy, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Hooks
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import lookup

# In any other state, including unknown states, a session may be in a transaction.
QUIET = ("idle", "active", "fastpath function call", "disabled", None)
CHOOSING = ("session_ids", "idle", "database", "user", "client_ip")


def choose(ctx: Context, components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the existing sessions that the task selects."""
    found = sessions_of(ctx, components)
    if ctx.params["idle"]:
        found = filter_equal(found, state="idle")
    ids = ctx.params["session_ids"]
    if ids is None:
        return found
    found = [entry for entry in found if entry["id"] in ids]
    ambiguous = next((entry["id"] for entry in found if len(filter_equal(found, id=entry["id"])) > 1), None)
    if ambiguous:
        where = ", ".join(entry["component_id"] for entry in filter_equal(found, id=ambiguous))
        raise InputError("session_ids", f"{ambiguous} exists in several components: {where}. Set component_id")
    return found


def agree(ctx: Context, sessions: list[dict[str, Any]]) -> None:
    busy = [
        entry["id"]
        for entry in sessions
        if entry["transaction_started_at_ms"] is not None or entry["state"] not in QUIET
    ]
    if busy and not ctx.params["discard_transactions"]:
        problem = f"uncommitted changes of sessions in a transaction would be lost: {', '.join(busy)}"
        raise InputError("discard_transactions", f"{problem}. Use discard_transactions=true to accept")


def end(ctx: Context, place: dict[str, Any], sessions: list[dict[str, Any]]) -> Step:
    """Return the step that terminates sessions of one component."""
    only_idle = ctx.params["idle"] and not any(ctx.params[name] for name in CHOOSING if name != "idle")
    ids = [entry["id"] for entry in sessions]

    def refused(reply: Any, items: Sequence[Item]) -> dict[str, TpopsError]:
        left = (
            [entry["id"] for entry in choose(ctx, [place]) if entry["id"] in ids]
            if lookup(reply, "success") is False
            else []
        )
        return {
            item.label: TpopsError(f"Sessions of {place['component_id']} were not terminated: {', '.join(left)}")
            for item in items
            if left
        }

    where = ctx.parent.id, place["node_id"], place["component_id"]
    call = api.kill_idle_sessions(*where) if only_idle else api.kill_sessions(*where, ids)
    what = f"all idle sessions ({len(ids)})" if only_idle else f"session {', '.join(ids)}"
    return Step(
        call,
        f"Terminate {what} of {place['component_id']}",
        [Item({}, place["component_id"])],
        policy=Policy(item_errors=refused),
    )


def plan(ctx: Context, items: Sequence[Item]) -> Plan:
    if not any(ctx.params[name] for name in CHOOSING):
        raise InputError("session_ids", f"one of {', '.join(CHOOSING)} is required")
    components = components_of(ctx)
    sessions = choose(ctx, components)
    agree(ctx, sessions)
    there = [
        (place, filter_equal(sessions, node_id=place["node_id"], component_id=place["component_id"]))
        for place in components
    ]
    # What a first plan has found counts: after a lost reply only those are left that it did not end.
    chosen = {"sessions": ctx.facts.get("sessions", sessions)}
    return Plan([end(ctx, place, found) for place, found in there if found], chosen)


def left(ctx: Context, items: Sequence[Item]) -> dict[str, str]:
    """Return the sessions that still exist. Ending may take a moment, and newer sessions have other IDs."""
    sessions = ctx.facts["sessions"]
    ended = {entry["id"] for entry in sessions}
    still = [entry["id"] for entry in sessions_of(ctx, components_of(ctx)) if entry["id"] in ended]
    return {"": f"The platform accepted the request, but still shows session {', '.join(still)}"} if still else {}


def result(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    sessions = ctx.facts["sessions"]
    before = {
        entry["id"]: {name: entry[name] for name in ("user", "database", "client_ip", "state")} for entry in sessions
    }
    return {"sessions": sessions, "diff": {"before": before, "after": {}}}


SPEC = Action(
    name="session",
    parent=INSTANCE,
    fields=(
        Field("session_ids", type="list", elements="str", validate=checks.not_empty),
        Field("idle", type="bool", default=False),
        *FILTERS,
        Field("discard_transactions", type="bool", default=False),
    ),
    steps=plan,
    shortfall=left,
    sees_writes=True,
    hooks=Hooks(result=result),
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
