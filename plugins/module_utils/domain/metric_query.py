# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics that ``gaussdb_metric_info`` reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..api import metric as api
from ..api import metric_names as known
from ..api.operation import Call
from ..engine.context import Context
from ..http.errors import InputError
from ..util.times import utc
from . import metric as query
from .lookup import read_instance_names
from .period import read_period

# Maximum number of instances in one request.
BATCH = 10


def read(ctx: Context) -> list[Call]:
    if not ctx.params["metrics"] and not ctx.params["groups"]:
        if ctx.params["gather"]:
            return []
        raise InputError(("metrics", "groups", "gather"), "one of them is required")
    if not ctx.params["instances"]:
        raise InputError("instances", "required with metrics and groups")
    where, what = query.choose_places(ctx), query.choose_metrics(ctx)
    start, end = read_period(ctx)
    spans = [(begin, min(begin + api.LONGEST_MS, end)) for begin in range(start, end, api.LONGEST_MS + 1)]
    return [
        api.query_metrics(where[first : first + BATCH], what, *span, ctx.params["latest_only"])
        for first in range(0, len(where), BATCH)
        for span in spans
        if what and span[0] < span[1]
    ]


def build_rows(ctx: Context, infos: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each series. The series of a long period consists of several parts."""
    series: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    meta: dict[tuple[str, str], dict[str, Any]] = {}
    for info in infos:
        for metric in info["metrics"]:
            meta[info["instance_id"], metric["name"]] = {
                "node_ids": metric["node_ids"],
                "time_interval": info["time_interval"],
                "collection_frequency": metric["collection_frequency"],
            }
            for dimension, values in (metric["series"] or {}).items():
                points = series.setdefault((info["instance_id"], metric["name"], dimension), [])
                pairs = zip(metric["timestamps"], values or ())
                points.extend(
                    {"time": utc(moment), "time_ms": moment, "value": value}
                    for moment, value in pairs
                    if moment is not None
                )
    latest = ctx.params["latest_only"]
    return [build_row(ctx, *key, meta[key[:2]], points[-1:] if latest else points) for key, points in series.items()]


def build_row(
    ctx: Context, instance_id: str, name: str, dimension: str, meta: Mapping[str, Any], points: list[dict[str, Any]]
) -> dict[str, Any]:
    group, unit = query.read_metric_names(ctx).get(name, (known.GROUP_OF.get(name), None))
    values = [point["value"] for point in points if point["value"] is not None]
    return {
        "instance": read_instance_names(ctx).label(instance_id),
        "instance_id": instance_id,
        "metric": name,
        "title": known.TITLES.get(group or "", {}).get(name),
        "group": group,
        "unit": unit,
        "dimension": dimension,
        **meta,
        "latest": values[-1] if values else None,
        "minimum": min(values, default=None),
        "maximum": max(values, default=None),
        "average": round(sum(values) / len(values), 3) if values else None,
        "points": points,
    }


def read_catalogue(ctx: Context, found: list[dict[str, Any]]) -> dict[str, Any]:
    if "names" not in ctx.params["gather"]:
        return {}
    return {
        "names": [
            {"name": name, "title": known.TITLES.get(group, {}).get(name), "group": group, "unit": unit}
            for name, (group, unit) in query.read_metric_names(ctx).items()
        ]
    }
