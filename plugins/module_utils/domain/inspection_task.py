# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inspections as ``gaussdb_inspection`` creates, changes, runs and deletes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..api import inspection as api
from ..api.operation import Call
from ..engine.context import Context
from ..engine.item import Item, Policy, Step
from ..http.errors import InputError, TpopsError
from ..util import times
from . import inspection as common
from .lookup import read_instance_names


def read(ctx: Context) -> Call:
    return api.list_inspections(inspection_name=None if ctx.params["inspection_id"] else ctx.params["name"])


def select(ctx: Context, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Remember when the task started, by the platform's clock."""
    ctx.cached("began", ctx.client.now_ms)
    return found


def check(ctx: Context, item: Item) -> None:
    """An existing inspection may have a day that the task does not repeat."""
    if item.present and item.desired.get("period") and "day" in item.desired:
        common.day_of(item)


def refine(ctx: Context, item: Item) -> Item | None:
    """Read the settings, and convert instances, checks and times to the platform's names and formats."""
    if not item.present:
        return None
    desired, current = dict(item.desired), dict(item.current) if item.current else None
    if ctx.params["scene"]:
        scene = ctx.cached(
            "scene", lambda: ctx.find("scene", "scene", ctx.params["scene"], api.list_inspection_scenes())
        )
        desired["checks"] = (scene or {}).get("check_ids") or []
    if current is not None and "period" not in current:
        current.update(common.settings_of(ctx, current))
    if "instances" in desired:
        directory = read_instance_names(ctx)
        desired["instances"] = common.labels_of(directory, desired["instances"], "instances")
        if current and current["instance_ids"]:
            current["instances"] = [directory.label(each) for each in current["instance_ids"]]
    if "checks" in desired:
        desired["checks"] = common.labels_of(common.check_directory(ctx), desired["checks"], "checks")
    elif current is None:
        raise InputError(("checks", "scene"), f"one of them is required to create inspection {item.label}")
    for name in ("time", "start_time"):
        if name in desired:
            desired[name] = common.normalize_time(desired[name])
    moment = times.epoch_ms(desired.get("time")) if desired.get("period") == "later" else None
    if current is None and moment is not None and moment < ctx.client.now_ms():
        ctx.warn(f"time: {desired['time']} is in the past, so inspection {item.label} does not run automatically")
    refined = replace(item, desired=desired, current=current)
    common.day_of(refined)
    return refined


def run_if_stale(ctx: Context, items: Sequence[Item]) -> list[Step]:
    """An inspection with the period soon runs automatically when it is created or changed."""
    item, age = items[0], ctx.params["max_age"]
    current = item.current
    if not item.present or age is None or (item.value("period") == "soon" and (current is None or item.changes)):
        return []
    age_ms = times.checked(times.length_ms(age))
    if current and common.is_fresh(ctx, current, ctx.cached("began", ctx.client.now_ms), age_ms):
        return []
    call = api.start_inspection((current or {}).get("id"))
    return [
        Step(
            call,
            f"Run inspection {item.label}",
            [item],
            deferred_call=lambda: api.start_inspection(created_id(ctx, item)),
            policy=Policy(wait_when_busy=False),
        )
    ]


def created_id(ctx: Context, item: Item) -> str:
    """Return the ID of an inspection that was just created."""
    found = next((each for each in ctx.items(read(ctx)) if each["name"] == item.desired["name"]), None)
    if found is None:
        raise TpopsError(f"Inspection {item.label} does not exist although the platform accepted the request")
    identity: str = found["id"]
    return identity


def refused(data: Any, items: Sequence[Item]) -> dict[str, TpopsError]:
    failed = api.undeleted_of("results", data)
    texts = {
        item.label: f"The platform did not delete inspection {item.label}"
        for item in items
        if item.existing["id"] in failed
    }
    return {label: TpopsError(text, operation="delete_inspections") for label, text in texts.items()}
