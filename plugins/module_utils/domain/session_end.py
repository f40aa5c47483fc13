# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ending sessions, as ``gaussdb_session`` does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..api import session as api
from ..engine.compare import filter_equal
from ..engine.context import Context
from ..engine.item import Item, Plan, Policy, Step
from ..http.errors import InputError, TpopsError
from ..util.values import lookup
from .session import (
    components_of,
    sessions_of,
)

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


def check_transactions(ctx: Context, sessions: list[dict[str, Any]]) -> None:
    busy = [
        entry["id"]
        for entry in sessions
        if entry["transaction_started_at_ms"] is not None or entry["state"] not in QUIET
    ]
    if busy and not ctx.params["discard_transactions"]:
        problem = f"uncommitted changes of sessions in a transaction would be lost: {', '.join(busy)}"
        raise InputError("discard_transactions", f"{problem}. Use discard_transactions=true to accept")


def build_step(ctx: Context, place: dict[str, Any], sessions: list[dict[str, Any]]) -> Step:
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
    check_transactions(ctx, sessions)
    there = [
        (place, filter_equal(sessions, node_id=place["node_id"], component_id=place["component_id"]))
        for place in components
    ]
    # What a first plan has found counts: after a lost reply only those are left that it did not end.
    chosen = {"sessions": ctx.facts.get("sessions", sessions)}
    return Plan([build_step(ctx, place, found) for place, found in there if found], chosen)


def find_missing(ctx: Context, items: Sequence[Item]) -> dict[str, str]:
    """Return the sessions that still exist. Ending may take a moment, and newer sessions have other IDs."""
    sessions = ctx.facts["sessions"]
    ended = {entry["id"] for entry in sessions}
    still = [entry["id"] for entry in sessions_of(ctx, components_of(ctx)) if entry["id"] in ended]
    return {"": f"The platform accepted the request, but still shows session {', '.join(still)}"} if still else {}


def build_result(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    sessions = ctx.facts["sessions"]
    before = {
        entry["id"]: {name: entry[name] for name in ("user", "database", "client_ip", "state")} for entry in sessions
    }
    return {"sessions": sessions, "diff": {"before": before, "after": {}}}
