# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which metrics a task is about, and of what."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from ..api import metric as api
from ..api import metric_names as known
from ..engine.context import Context
from ..http.errors import InputError
from .lookup import Directory, instance_directory


def names(ctx: Context) -> dict[str, tuple[str, str]]:
    """Return group and unit of each metric that the platform has, asked for once."""
    return ctx.once(
        "names",
        lambda: {
            each["name"]: (group["name"], each["unit"])
            for group in ctx.items(api.list_metric_series(known.GROUPS))
            for each in group["metrics"]
        },
    )


def wanted(ctx: Context) -> list[str]:
    """Return the names of the metrics to query. The appendix may know one that the platform does not list, and the
    other way round."""
    there = names(ctx)
    chosen = [name for group in ctx.params["groups"] or () for name, (of, _unit) in there.items() if of == group]
    for name in ctx.params["metrics"] or ():
        if name not in there and name not in known.GROUP_OF:
            close = get_close_matches(name, [*there, *known.GROUP_OF], 1)
            hint = f"Did you mean {close[0]}?" if close else "gather=names lists all metrics."
            raise InputError(f"metrics: there is no metric {name}", option="metrics", hint=hint)
        chosen.append(name)
    return list(dict.fromkeys(chosen))


def places(ctx: Context) -> list[dict[str, Any]]:
    """Return the instances to query, and of each the nodes when only some are wanted."""
    instances = instance_directory(ctx)
    found = [instances.entries[each] for each in instances.identities(ctx.params["instances"], "instances") if each]
    if not ctx.params["nodes"]:
        return [{"instance_id": each["id"]} for each in found]
    nodes = Directory(ctx, "node", [node for each in found for node in each["nodes"]])
    chosen = set(nodes.identities(ctx.params["nodes"], "nodes"))
    some = [
        {"instance_id": each["id"], "node_ids": [node["id"] for node in each["nodes"] if node["id"] in chosen]}
        for each in found
    ]
    return [place for place in some if place["node_ids"]]
