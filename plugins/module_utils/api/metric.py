# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Metrics (reference 4.15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..util.times import stamp_ms
from ..util.values import as_dict, as_list, as_number, as_words
from . import vocabulary as words
from .operation import Call, Operation
from .shape import Attr, Shape


def _series(value: Any) -> dict[str, list[Any]]:
    """Values by measured object. A non-number such as ``--`` is a gap: nothing could be measured."""
    return {
        dimension: [as_number(each) for each in as_list(values)] for dimension, values in (as_dict(value) or {}).items()
    }


def _ids(value: Any) -> list[str]:
    """Several IDs are one comma-separated string."""
    return as_words(value, ",")


METRIC = Shape(
    (
        Attr("name"),
        Attr("node_ids", ("node_id",), "list", convert=_ids),
        Attr("collection_frequency", kind="int"),
        Attr("series", kind="dict", convert=_series),
        Attr("timestamps", kind="list", convert=lambda value: [stamp_ms(each) for each in as_list(value)]),
    )
)
METRIC_INFO = Shape((Attr("instance_id"), Attr("time_interval", kind="int"), Attr("metrics", (), "list", METRIC)))
GROUP = Shape(
    (Attr("name", words=words.METRIC_GROUP), Attr("metrics", (), "list", Shape((Attr("name"), Attr("unit")))))
)

# A request must cover less than 30 days.
LONGEST_MS = 30 * 86_400_000 - 1

QUERY_METRICS = Operation(
    "query_metrics", "POST", "/v3/monitor/metrics", "4.15.1", read=True, items=("metric_infos",), shape=METRIC_INFO
)
LIST_METRIC_SERIES = Operation(
    "list_metric_series", "GET", "/v3/monitor/metrics/series", "4.15.2", read=True, items=("series",), shape=GROUP
)


def query_metrics(
    instances: Sequence[Mapping[str, Any]], names: Sequence[str], start_ms: int, end_ms: int, latest_only: bool
) -> Call:
    """Query values between two moments less than 30 days apart (4.15.1).

    ``instances`` have ``instance_id`` and optionally ``node_ids``. Error ``DBS.280001``: the period is too long, or a
    name is unknown.
    """
    return QUERY_METRICS.call(
        body={
            "start_time": start_ms,
            "end_time": end_ms,
            "is_latest_point_only": "true" if latest_only else "false",
            "instances": list(instances),
            "metric_names": list(names),
        }
    )


def list_metric_series(groups: Sequence[str]) -> Call:
    """List the metrics of groups with their units (4.15.2). Error ``DBS.280270``: no such group."""
    return LIST_METRIC_SERIES.call(query={"name": list(groups)})
