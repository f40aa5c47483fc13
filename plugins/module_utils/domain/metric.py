# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which metrics a task reads, and of what."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from ..api import metric as api
from ..api import metric_names as known
from ..api.shape import Attr, Shape
from ..engine.context import Context
from ..http.errors import InputError
from .lookup import NameLookup, read_instance_names

# A metric of the platform, and its measured values.
NAME = Shape(
    (
        Attr("name", doc="Name of the metric."),
        Attr("title", doc="What the metric measures. Empty for metrics that the API reference does not list."),
        Attr("group", doc="Group of the metric."),
        Attr("unit", doc="Unit of the values."),
    ),
    sample={"name": "sys001_cpu_usage", "title": "CPU usage", "group": "CPUMEMORY", "unit": "%"},
)
POINT = Shape(
    (
        Attr("time", doc="Time of the measurement."),
        Attr("time_ms", kind="int", doc="The same in milliseconds since 1970."),
        Attr("value", kind="number", doc="The value. Empty if nothing could be measured."),
    )
)
SERIES = Shape(
    (
        Attr("instance", doc="Name of the instance, or its ID if that was given."),
        Attr("instance_id", doc="ID of the instance."),
        Attr("metric", doc="Name of the metric."),
        *NAME.only("title", "group", "unit").attrs,
        Attr("dimension", doc="What was measured, such as the address of a node or the ID of a component."),
        Attr(
            "node_ids",
            kind="list",
            doc="IDs of the nodes that the platform measured, for all dimensions of the metric together.",
        ),
        Attr(
            "time_interval",
            kind="int",
            doc=(
                "Interval between the values, as the platform reports it. It depends on the period. The reference "
                "gives no unit."
            ),
        ),
        Attr(
            "collection_frequency",
            kind="int",
            doc="Interval between measurements, as the platform reports it. The reference gives no unit.",
        ),
        Attr("latest", kind="number", doc="The last value. Empty if there is none."),
        Attr("minimum", kind="number", doc="The lowest value."),
        Attr("maximum", kind="number", doc="The highest value."),
        Attr("average", kind="number", doc="The average of the values."),
        Attr("points", kind="list", shape=POINT, doc="The values in chronological order."),
    ),
    sample={
        "instance": "orders-prod",
        "instance_id": "5f2d8c1b7a9e4d3fb6c0e1a2d3f4b5c6in14",
        "metric": "sys001_cpu_usage",
        "title": "CPU usage",
        "group": "CPUMEMORY",
        "unit": "%",
        "dimension": "192.0.2.11",
        "node_ids": ["1a2b3c4d5e6f40718293a4b5c6d7e8f9no14"],
        "time_interval": 10,
        "collection_frequency": 10,
        "latest": 13.07,
        "minimum": 13.07,
        "maximum": 23.05,
        "average": 18.06,
        "points": [
            {"time": "2026-01-12 08:00:00 UTC", "time_ms": 1768204800000, "value": 23.05},
            {"time": "2026-01-12 08:00:10 UTC", "time_ms": 1768204810000, "value": 13.07},
        ],
    },
)


def read_metric_names(ctx: Context) -> dict[str, tuple[str, str]]:
    """Return group and unit of each metric of the platform, read once."""
    return ctx.cached(
        "names",
        lambda: {
            each["name"]: (group["name"], each["unit"])
            for group in ctx.items(api.list_metric_series(known.GROUPS))
            for each in group["metrics"]
        },
    )


def choose_metrics(ctx: Context) -> list[str]:
    """Return the names of the metrics to query. The appendix of the reference and the platform may each list metrics
    that the other does not."""
    there = read_metric_names(ctx)
    chosen = [name for group in ctx.params["groups"] or () for name, (of, _unit) in there.items() if of == group]
    for name in ctx.params["metrics"] or ():
        if name not in there and name not in known.GROUP_OF:
            close = get_close_matches(name, [*there, *known.GROUP_OF], 1)
            hint = f"Did you mean {close[0]}?" if close else "gather=names lists all metrics."
            raise InputError("metrics", f"there is no metric {name}", hint=hint)
        chosen.append(name)
    return list(dict.fromkeys(chosen))


def choose_places(ctx: Context) -> list[dict[str, Any]]:
    """Return the instances to query, each with its nodes if only some are requested."""
    instances = read_instance_names(ctx)
    found = [instances.entries[each] for each in instances.identities(ctx.params["instances"], "instances") if each]
    if not ctx.params["nodes"]:
        return [{"instance_id": each["id"]} for each in found]
    nodes = NameLookup(ctx, "node", [node for each in found for node in each["nodes"]])
    chosen = set(nodes.identities(ctx.params["nodes"], "nodes"))
    some = [
        {"instance_id": each["id"], "node_ids": [node["id"] for node in each["nodes"] if node["id"] in chosen]}
        for each in found
    ]
    return [place for place in some if place["node_ids"]]
