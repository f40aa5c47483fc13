# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The relation of an instance as ``gaussdb_dr_relation`` creates, renames and removes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..api import disaster_recovery as api
from ..api.operation import Call
from ..engine import checks
from ..engine.context import Context
from ..engine.item import Item, Policy
from ..engine.spec import (
    Write,
)
from ..http.errors import InputError, TpopsError
from . import disaster_recovery as life

NOT_FOUND = "DBS.06020105"
NOT_NOW = "DBS.216009"
NEVER_BUILT = (api.RELEASED, "pre_check_failed")


def select(ctx: Context, relations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Select the relation of the task; a released one only exists as a record that can be deleted."""
    params, absent = ctx.params, ctx.params["state"] == "absent"
    found = life.relations_of(ctx.parent.id, relations, params["instance"])
    if absent:
        found = [each for each in found if each["name"] == params["name"]]
    gone = NEVER_BUILT if absent and params["keep_record"] else () if absent else (api.RELEASED,)
    found = [each for each in found[:1] if each["status"] not in gone]
    for each in found if absent or found and found[0]["status"] in api.FAILED else ():
        keep_others(each, relations)
    return found


def keep_others(record: Mapping[str, Any], relations: Sequence[Mapping[str, Any]]) -> None:
    """Records are deleted by name (4.18.14), so no other relation may have the same name."""
    for each in relations:
        if (
            each["name"] == record["name"]
            and each["synchronization_id"] != record["synchronization_id"]
            and each["status"] not in api.OVER
        ):
            raise InputError(
                "name", f"the relation of instance {each['instance_id']} is also named {each['name']}; rename it first"
            )


def refine(ctx: Context, item: Item) -> None:
    record = item.current
    if not record:
        return
    status, standby = record["status"], record["role"] == api.DISASTER
    if not item.present:
        if standby and status not in (api.PROMOTED, *api.OVER):
            raise life.build_wrong_site_error(
                ctx, item, "is the DR instance, but a relation is released on the primary's platform"
            )
        if status in (api.DRILL, api.LOG_KEEP):
            life.require_status(ctx, item, api.NORMAL)
        return
    if status == api.PROMOTED:
        raise TpopsError(
            f"The relation of {ctx.parent.label} ended in a failover, so nothing is protected now. Rebuild the "
            "relation on the platform of the promoted instance (gaussdb.tpops.gaussdb_dr_reestablish), or remove "
            "it (state=absent) to build another one"
        )
    if standby and status in api.FAILED:
        raise life.build_wrong_site_error(
            ctx, item, f"is the DR instance of a relation in status {status}, which must be rebuilt from the primary"
        )
    known = [address for side in ("primary", "standby") for address in (record[side] or {}).get("ip_addresses") or ()]
    if (
        ctx.params["dr_ip"]
        and not item.was_absent
        and status in api.IN_FORCE
        and not any(map(checks.ip_address, known))
        and ctx.params["dr_ip"] not in known
    ):
        raise InputError(
            "dr_ip",
            f"{ctx.params['dr_ip']} is not a data IP address of relation {record['name']}: {', '.join(known)}",
        )


def construct(ctx: Context, item: Item) -> Call:
    desired = item.desired
    return api.construct_dr(
        ctx.parent.id,
        desired.get("disaster_type"),
        desired["dr_ip"],
        desired["dr_username"],
        desired["dr_password"],
        desired.get("name"),
    )


def release(only: Callable[[str], bool], *already: str) -> Write:
    """A relation is released by its primary. If it is broken, there may be nothing to release."""
    return Write.each(
        lambda ctx, item: api.release_dr(ctx.parent.id, item.existing["disaster_type"]),
        "Release the disaster recovery relation of {names}",
        applies_to=lambda ctx, item: item.existing["role"] == api.MASTER and only(item.existing["status"]),
        policy=Policy(done_codes=(NOT_FOUND, *already)),
    )
