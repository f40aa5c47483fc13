# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Databases that already run: start and stop managing them (4.11.5, 4.11.12, 4.11.13)."""

from __future__ import annotations

from collections.abc import Sequence

from ..api import instance_operations as api
from ..api.instance import delete_instance
from ..api.operation import Call
from ..engine.context import Context
from ..engine.item import Item
from ..http.errors import InputError, InvalidReply


def check(ctx: Context, item: Item) -> None:
    """The platform forgets the administrator's password, so a new one has to be set."""
    if not item.present and not ctx.params["new_admin_password"] and not ctx.params["force"]:
        raise InputError("new_admin_password", "required to stop managing an instance, unless force is true")


def refine(ctx: Context, item: Item) -> None:
    """An instance with this name may be a different one."""
    hosts = {node["management_ip"] for node in (item.current or {}).get("nodes") or ()}
    elsewhere = [address for address in item.desired.get("manage_ips") or () if hosts and address not in hosts]
    if item.present and elsewhere:
        raise InputError("manage_ips", f"instance {item.label} exists, but has no node on {', '.join(elsewhere)}")


def find_hosts_of_database(ctx: Context, given: Sequence[str]) -> list[str]:
    """Return all hosts of the database that runs on the given ones."""
    found = ctx.items(api.check_hosts_manageable(given[0]))
    all_hosts = [host["manage_ip"] for host in found]
    if None in all_hosts:
        raise InvalidReply(
            "check_hosts_manageable failed: the reply does not name each host", operation="check_hosts_manageable"
        )
    if len(given) > 1 and set(given) != set(all_hosts):
        raise InputError("manage_ips", f"the database on {given[0]} runs on {', '.join(all_hosts)}")
    unknown = [host["manage_ip"] for host in found if not host["added"]]
    if unknown:
        names = ", ".join(unknown)
        raise InputError(
            "manage_ips", f"the database also runs on {names}, which has to be added to the platform first"
        )
    return all_hosts


def adopt(ctx: Context, item: Item) -> Call:
    desired = item.desired
    hosts = find_hosts_of_database(ctx, desired["manage_ips"])
    return api.manage_instance(
        desired["name"], hosts, desired["admin_user"], desired["admin_password"], desired["storage"]
    )


def release(ctx: Context, item: Item) -> Call:
    params = ctx.params
    days = (params["keep_full_backup_days"], params["keep_differential_backup_days"])
    return delete_instance((item.current or {}).get("id"), False, *days, params["new_admin_password"], params["force"])
