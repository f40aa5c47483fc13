# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The objects that other objects belong to, given by name or ID."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..api import instance as api
from ..engine.context import Context, Parent
from ..engine.options import Field
from ..engine.spec import ParentOptions
from ..engine.waiting import Observation
from ..http.errors import NotFound


def resolve_instance(ctx: Context) -> Parent:
    """Return ``(id, label)`` of the task's instance; an ID needs no request."""
    name, instance_id = ctx.params["instance"], ctx.params["instance_id"]
    if instance_id:
        return Parent(instance_id, name or instance_id)
    found = ctx.find("instance", "instance", name, api.list_instances(name=name))
    return Parent((found or {}).get("id"), name)


def resolve_idle_instance(ctx: Context) -> Parent:
    """Return the instance once nothing is working on it, so that a repeated task attaches to the work that it started.

    Check mode does not wait.
    """
    name, instance_id = ctx.params["instance"], ctx.params["instance_id"]

    def look() -> dict[str, Any] | None:
        if not instance_id:
            return ctx.find("instance", "instance", name, api.list_instances(name=name))
        found = next(
            (each for each in ctx.items(api.list_instances(instance_id=instance_id)) if each["id"] == instance_id), None
        )
        if found is None:
            raise NotFound(f"instance_id: there is no instance with ID {instance_id}")
        return found

    def probe() -> Observation:
        found = look() or {}
        status = str(found.get("status") or "")
        return Observation("running" if api.is_transient(status) else "done", status, found)

    label = name or instance_id
    seen = probe()
    if seen.state == "running" and ctx.check_mode:
        ctx.warn(f"Instance {label} is in status {seen.text}; once that is over, more may be left to do")
    elif seen.state == "running":
        waiter = ctx.waiter.with_minimum_wait(ctx.params["busy_timeout"])
        return _parent(waiter.wait_until(probe, label=f"{ctx.module} {label}"), label)
    return _parent(seen.value, label)


def _parent(instance: Mapping[str, Any], label: str) -> Parent:
    return Parent(instance.get("id"), label, instance)


_OPTIONS = (Field("instance"), Field("instance_id"))
_ONE_OF = (("instance", "instance_id"),)

INSTANCE = ParentOptions(_OPTIONS, _ONE_OF, resolve_instance, wait_until_idle=resolve_idle_instance)
IDLE_INSTANCE = ParentOptions(_OPTIONS, _ONE_OF, resolve_idle_instance, wait_until_idle=resolve_idle_instance)


def _resolve_any(ctx: Context) -> Parent:
    """Without a name and an ID the task covers all instances."""
    return resolve_instance(ctx) if ctx.params["instance"] or ctx.params["instance_id"] else Parent()


ANY_INSTANCE = ParentOptions(fields=INSTANCE.fields, required_one_of=(), resolve=_resolve_any)
