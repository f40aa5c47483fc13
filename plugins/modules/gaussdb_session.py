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
  - Terminates sessions by their IDs, all idle ones, or all that some options choose. Sessions that are gone already are
    fine.
  - A transaction that a session has not committed is rolled back. The module refuses that unless it is told otherwise.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  session_ids:
    description:
      - IDs of the sessions, as M(gaussdb.tpops.gaussdb_session_info) lists them. An ID is unique within its component
        only, so that it is refused when several components have a session of this ID and O(component_id) does not say
        which one is meant.
      - Required when none of O(idle), O(database), O(user) and O(client_ip) is given. With them, a session has to be
        what all of the options say.
    type: list
    elements: str
  idle:
    description:
      - Whether to terminate only sessions whose state is V(idle). Sessions that are idle in a transaction are not
        meant.
    type: bool
    default: false
  database:
    description:
      - Only sessions in this database. An empty text is refused.
    type: str
  user:
    description:
      - Only sessions of this user. An empty text is refused.
    type: str
  client_ip:
    description:
      - Only sessions from this address. An empty text is refused.
    type: str
  node_id:
    description:
      - Only sessions on this node.
    type: str
  component_id:
    description:
      - Only sessions of this component, such as V(dn_6001) or V(cn_5001).
    type: str
  discard_transactions:
    description:
      - Confirms that what sessions have not committed is lost. Required when one of the sessions is in a transaction.
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

- name: Terminate all sessions of a user, whatever they are doing
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
  description: The sessions that were terminated, in check mode those that would be, as they were before.
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
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.replies import Reply
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import lookup

# In any other state, and in one that nobody knows, a session may be in a transaction.
QUIET = ("idle", "active", "fastpath function call", "disabled", None)
CHOOSING = ("session_ids", "idle", "database", "user", "client_ip")


def choose(ctx: Context, components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the sessions that the task is about and that are there."""
    found = sessions_of(ctx, components)
    if ctx.params["idle"]:
        found = filter_equal(found, state="idle")
    ids = ctx.params["session_ids"]
    if ids is None:
        return found
    found = [entry for entry in found if entry["id"] in ids]
    twice = next((entry["id"] for entry in found if len(filter_equal(found, id=entry["id"])) > 1), None)
    if twice:
        where = ", ".join(entry["component_id"] for entry in filter_equal(found, id=twice))
        raise InputError(
            f"session_ids: {twice} is a session of several components: {where}. Give component_id", option="session_ids"
        )
    return found


def agree(ctx: Context, sessions: list[dict[str, Any]]) -> None:
    busy = [
        entry["id"]
        for entry in sessions
        if entry["transaction_started_at_ms"] is not None or entry["state"] not in QUIET
    ]
    if busy and not ctx.params["discard_transactions"]:
        problem = f"sessions are in a transaction, and what they have not committed would be lost: {', '.join(busy)}"
        raise InputError(
            f"discard_transactions: {problem}. discard_transactions=true agrees to that", option="discard_transactions"
        )


def end(ctx: Context, place: dict[str, Any], sessions: list[dict[str, Any]]) -> Step:
    """Return the step that ends sessions of one component."""
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

    where = ctx.scope_id, place["node_id"], place["component_id"]
    call = api.kill_idle_sessions(*where) if only_idle else api.kill_sessions(*where, ids)
    what = f"all idle sessions ({len(ids)})" if only_idle else f"session {', '.join(ids)}"
    return Step(
        call, f"Terminate {what} of {place['component_id']}", [Item({}, place["component_id"])], item_errors=refused
    )


def plan(ctx: Context) -> list[Step]:
    if not any(ctx.params[name] for name in CHOOSING):
        raise InputError(f"session_ids: say which sessions; give one of {', '.join(CHOOSING)}", option="session_ids")
    components = components_of(ctx)
    sessions = choose(ctx, components)
    agree(ctx, sessions)
    ctx.cached("sessions", lambda: sessions)
    there = [
        (place, filter_equal(sessions, node_id=place["node_id"], component_id=place["component_id"]))
        for place in components
    ]
    return [end(ctx, place, found) for place, found in there if found]


def left(ctx: Context) -> dict[str, str]:
    """A session may take a moment to end. What has come since has another ID."""
    sessions: list[dict[str, Any]] = ctx.cached("sessions", list)
    ended = {entry["id"] for entry in sessions}
    still = [entry["id"] for entry in sessions_of(ctx, components_of(ctx)) if entry["id"] in ended]
    return {"": f"The platform accepted the request, but still shows session {', '.join(still)}"} if still else {}


def result(ctx: Context, replies: Sequence[Reply]) -> dict[str, Any]:
    sessions: list[dict[str, Any]] = ctx.cached("sessions", list)
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
    plan=plan,
    shortfall=left,
    result=result,
    decides=True,
    also_returns=(
        Attr(
            "sessions",
            kind="list",
            shape=SESSION,
            doc="The sessions that were terminated, in check mode those that would be, as they were before.",
            returned="success",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
