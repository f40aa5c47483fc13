# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts as ``gaussdb_host`` adds, changes and removes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..api import data_center as data_center_api
from ..api import host as api
from ..api import key_pair as key_pair_api
from ..api.operation import Call
from ..engine.compare import equal
from ..engine.context import Context
from ..engine.item import Item
from ..engine.planning import HIDDEN
from ..http.errors import InputError

FAILED = ("initialize_failed", "delete_failed")
ADDRESSES_FIXED = ("unmanaged", "in_use")
LOGINS = ("os_root_password", "key_pair", "ssh_key_id")
PLACES = ("data_center", "data_center_id")
DEFAULTS = {"type": "BMS", "storage_type": "localssd", "ssh_port": 22}


def check_host(ctx: Context, item: Item) -> None:
    """Only one data center and one way to log in can be given."""
    for names in (PLACES, LOGINS):
        given = [item.path + name for name in names if item.desired.get(name)]
        if len(given) > 1:
            raise InputError(given, "mutually exclusive", about=item.label)


def look_closer(ctx: Context, item: Item) -> Item | None:
    """Find the ID of a key pair, and reject changes that the status of the host does not allow."""
    current = item.current or {}
    if not item.present:
        if current.get("status") == "in_use":
            running = current["instance_name"] or current["instance_id"]
            raise InputError(f"{item.path}state", f"host {item.label} runs instance {running} and cannot be removed")
        if not current:
            return None
    if item.desired.get("key_pair"):
        found = id_of(ctx, item, "key_pair", "key pair", key_pair_api.list_key_pairs)
        item = item.refined({"ssh_key_id": found} if found else {})
    if not item.present:
        return item
    for name in ("data_ip", "virtual_ip"):
        moved = name in item.desired and not equal(item.desired[name], current.get(name))
        if moved and current.get("status") in ADDRESSES_FIXED:
            raise InputError(
                item.path + name,
                f"host {item.label} is {current['status']}, so its address {current[name]} cannot be changed",
            )
    if not current or current["status"] in FAILED:
        for names in (PLACES, LOGINS):
            if not any(item.desired.get(name) for name in names):
                choice = [item.path + name for name in names]
                raise InputError(choice, f"one of them is required to add host {item.label}")
    return item


def id_of(ctx: Context, item: Item, option: str, noun: str, list_named: Callable[..., Call]) -> str | None:
    """Return the ID of a named object, read once per task; ``None`` if it does not exist yet in check mode."""
    name = item.desired[option]
    found = ctx.cached(f"{noun} {name}", lambda: ctx.find(noun, item.path + option, name, list_named(name=name)))
    return (found or {}).get("id")


def describe(ctx: Context, host: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the host with its login and its data center, by name where there is one."""
    names = ctx.cached(
        "key pairs", lambda: {each["id"]: each["name"] for each in ctx.items(key_pair_api.list_key_pairs())}
    )
    key, place = host["ssh_key_id"], host["data_center"]
    login: dict[str, Any] = {"os_root_password": HIDDEN}
    if key:
        login = {"key_pair": names[key], "ssh_key_id": None} if names.get(key) else {}
    return [{**host, **login, "data_center_id": None if place else host["data_center_id"]}]


def data_center_id(ctx: Context, item: Item) -> str | None:
    if item.desired.get("data_center"):
        return id_of(ctx, item, "data_center", "data center", data_center_api.list_data_centers)
    return item.desired.get("data_center_id")


def add(ctx: Context, items: Sequence[Item]) -> Call:
    return api.add_hosts([{**DEFAULTS, **item.desired, "data_center_id": data_center_id(ctx, item)} for item in items])


def modify(ctx: Context, items: Sequence[Item]) -> Call:
    moved = {"data_center", "data_center_id"}
    return api.modify_hosts(
        [
            {
                **item.changes,
                "manage_ip": item.existing["manage_ip"],
                "data_center_id": data_center_id(ctx, item) if moved & set(item.changes) else None,
            }
            for item in items
        ]
    )


def remove(ctx: Context, items: Sequence[Item]) -> Call:
    logins = [{key: item.desired.get(key) for key in ("os_root_password", "ssh_key_id")} for item in items]
    return api.delete_hosts(
        [
            {**login, "manage_ip": item.existing["manage_ip"], "ssh_port": item.existing["ssh_port"]}
            for login, item in zip(logins, items)
        ]
    )
