# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Privileges as ``gaussdb_privilege`` grants and revokes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..api import privilege as api
from ..api.database_user import SHOWN_ATTRIBUTES, list_users
from ..engine.context import Context
from ..engine.item import Item, Policy, Step
from ..http.errors import InputError
from .account import is_role
from .components import combine_states

PLACE = ("database", "schema", "table", "object")
# Types that are visible in the list of users.
VISIBLE = ("attribute", "role")


def problem_of(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return ``(option, problem)`` of an invalid entry, or ``None``."""
    kind, word = api.KINDS[entry["type"]], f"type={entry['type']}"
    given = {"object" if name == "objects" else name for name, value in entry.items() if value not in (None, "", [])}
    for option in (*PLACE, "argument_types", "owner", "grant_option", "privileges"):
        name = "objects" if option == "object" else option
        needed = bool(kind.privileges) if option == "privileges" else option in kind.needs
        if needed and option not in given:
            return name, f"required with {word}"
        if option in given and not needed and option not in kind.takes:
            return name, f"not allowed with {word}"
    unknown = [name for name in entry["privileges"] or () if name.lower() not in kind.privileges]
    if unknown:
        return "privileges", f"{unknown[0]} is not a privilege for {word}; use {', '.join(kind.privileges)}"
    if entry["argument_types"] and len(entry["objects"]) > 1:
        return "argument_types", "only allowed with a single object"
    return None


def label_of(grant: Mapping[str, Any]) -> str:
    place = ".".join(grant[option] for option in PLACE if grant.get(option))
    arguments = f"({', '.join(grant['argument_types'])})" if grant.get("argument_types") else ""
    owner = f"of {grant['owner']}" if grant.get("owner") else ""
    what = " ".join(part for part in (grant["type"].replace("_", " "), place + arguments, owner) if part)
    return f"{what}{': ' if grant['privileges'] else ''}{', '.join(grant['privileges'])} for {grant['grantee']}"


def build_items(ctx: Context) -> list[Item]:
    """Return one item for each object. Duplicates are sent once."""
    found: dict[str, Item] = {}
    for index, entry in enumerate(ctx.params["privileges"]):
        problem = problem_of(entry)
        if problem:
            option = f"privileges[{index}].{problem[0]}"
            raise InputError(option, problem[1])
        names = list(dict.fromkeys(name.lower() for name in entry["privileges"] or ()))
        for name in entry["objects"] or [None]:
            grant = {**entry, "object": name, "privileges": names}
            if ctx.params["state"] == "absent":
                grant["grant_option"] = None
            found.setdefault(
                label_of(grant), Item(grant, label_of(grant), f"privileges[{index}].", ctx.params["state"] == "present")
            )
    return list(found.values())


def describe(ctx: Context, account: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the grants that an account shows, as entries: memberships, and the attributes of a role. Those of a user
    are described with the user."""
    granted = [name for name in api.KINDS["attribute"].privileges if (account["attributes"] or {}).get(name)]
    found: list[dict[str, Any]] = []
    if is_role(account) and granted:
        found.append({"grantee": account["name"], "type": "attribute", "privileges": granted})
    if account["member_of"]:
        found.append({"grantee": account["name"], "type": "role", "objects": sorted(account["member_of"])})
    return found


def can_be_compared(grant: Mapping[str, Any]) -> bool:
    """Return whether the platform shows all of a grant. It does not show the grant option of a membership, nor some
    attributes."""
    if grant["type"] == "role":
        return not grant.get("grant_option")
    return grant["type"] == "attribute" and set(grant["privileges"]) <= set(SHOWN_ATTRIBUTES)


def is_shown(item: Item, accounts: Mapping[str, Any]) -> bool | None:
    """Return whether the platform shows the grant as requested, or ``None`` if it does not show it or not all of it, as
    with most privileges."""
    grant, account = item.desired, accounts.get(item.desired["grantee"])
    if account is None or grant["type"] not in VISIBLE:
        return None
    if grant["type"] == "role":
        return (grant["object"] in (account["member_of"] or [])) == item.present
    shown = [(account["attributes"] or {}).get(name) for name in grant["privileges"]]
    return combine_states(None if value is None else value == item.present for value in shown)


def accounts_of(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    """Return the users and roles by name if any of the grants is visible there."""
    visible = any(item.desired["type"] in VISIBLE for item in items)
    return {entry["name"]: entry for entry in ctx.items(list_users(ctx.parent.id))} if visible else {}


def find_missing(ctx: Context, items: Sequence[Item]) -> dict[str, str]:
    accounts = accounts_of(ctx, items)
    text = "The platform accepted the request, but does not show it"
    return {item.label: text for item in items if is_shown(item, accounts) is False}


def plan(ctx: Context, items: Sequence[Item]) -> list[Step]:
    accounts = accounts_of(ctx, items)
    if ctx.check_mode:
        # A new account may have what is granted from the beginning.
        granted = [item.desired for item in items if item.present and item.desired["type"] in VISIBLE]
        for name in dict.fromkeys(grant["grantee"] for grant in granted):
            ctx.match_one("user or role", "grantee", name, list(accounts.values()), "name")
    # The grant option of a membership is not shown.
    due = [item for item in items if not is_shown(item, accounts) or item.desired.get("grant_option")]

    def make(part: Sequence[Item]) -> Step:
        verb = "Grant" if part[0].present else "Revoke"
        call = api.set_privileges(ctx.parent.id, part[0].present, [item.desired for item in part])
        return Step(
            call,
            f"{verb} {'; '.join(item.label for item in part)}",
            part,
            for_items=make,
            policy=Policy(split_on_refusal=True),
        )

    steps = []
    for grouped in (True, False):
        same = [item for item in due if bool(api.KINDS[item.desired["type"]].group) == grouped]
        size = api.PRIVILEGE_BATCH
        steps += [make(same[start : start + size]) for start in range(0, len(same), size)]
    return steps
