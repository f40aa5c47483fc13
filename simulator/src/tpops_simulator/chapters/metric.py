# SPDX-License-Identifier: GPL-3.0-or-later
"""4.15 monitoring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model import entities
from ..model.disks import disk_of
from ..model.dr import get_records, lag, reconcile
from ..model.entities import Component, Instance, Node
from ..model.errors import ApiError
from ..model.instances import find_instance, is_distributed
from ..model.metrics import CMA, DISK, DR, GROUPS, HOST, INSTANCE, METRICS, RPO, RTO, WORK, Metric
from ..model.request import Request
from ..model.site import Site
from ..model.topology import DOWN, FAILED, is_leader, is_up
from ..model.workload import node_of

FREQUENCY = 10
# Length of the period in seconds up to which values are that many seconds apart.
INTERVALS = ((3600, FREQUENCY), (12 * 3600, 60), (3 * 86400, 300), (30 * 86400, 3600))
MONTH_MS = 30 * 86_400_000
# A request for more would keep the server busy for many seconds.
MAX_VALUES = 2_000_000
Known = Callable[[int], "float | None"]


def query_metrics(site: Site, request: Request) -> dict[str, Any]:
    """4.15.1. There are values from the creation of an instance until now."""
    body = request.body
    start, end = body["start_time"], body["end_time"]
    if end <= start or end - start >= MONTH_MS:
        raise ApiError("DBS.280001", detail="end_time")
    names = list(dict.fromkeys(body["metric_names"]))
    if not names or any(name not in METRICS for name in names):
        raise ApiError("DBS.280001", detail="metric_names")
    interval = next(step for length, step in INTERVALS if end - start <= length * 1000)
    latest = body.get("is_latest_point_only") == "true"
    points = 1 if latest else (end - start) // (interval * 1000) + 1
    if points * len(names) * len(body["instances"]) > MAX_VALUES:
        raise ApiError("DBS.280001", detail="too many values are requested at once")
    reconcile(site)
    infos = []
    for wanted in body["instances"]:
        instance = find_instance(site, wanted["instance_id"])
        nodes = [node_of(instance, i) for i in dict.fromkeys(wanted.get("node_ids") or [n.id for n in instance.nodes])]
        moments = _moments(site, instance, start, end, interval, latest)
        infos.append(
            {
                "instance_id": instance.id,
                "time_interval": interval,
                "metrics": [_metric(site, instance, nodes, METRICS[name], moments) for name in names],
            }
        )
    return {"metric_infos": infos}


def list_metric_series(site: Site, request: Request) -> dict[str, Any]:
    """4.15.2. Names may be repeated parameters, or one parameter with commas."""
    names = dict.fromkeys(name.strip() for part in request.query["name"] for name in part.split(","))
    if unknown := [name for name in names if name not in GROUPS]:
        raise ApiError(
            "DBS.280270", status=400, message="The parameter does not exist.", detail=f"name {unknown[0][:64]}"
        )
    return {
        "series": [
            {"name": name, "metrics": [{"name": m.name, "unit": m.unit} for m in GROUPS[name]]} for name in names
        ]
    }


def _moments(site: Site, instance: Instance, start: int, end: int, interval: int, latest: bool) -> list[int]:
    """When values were taken, in milliseconds: multiples of the interval."""
    step = (FREQUENCY if latest else interval) * 1000
    low = max(start, int(instance.created * 1000))
    high = min(end, site.clock.now_ms())
    if latest:
        newest = high - high % step
        return [newest] if newest >= low else []
    first = low + -low % step
    return list(range(first, high + 1, step))


def _metric(site: Site, instance: Instance, nodes: list[Node], metric: Metric, moments: list[int]) -> dict[str, Any]:
    series: dict[str, list[float | None]] = {}
    if metric.scope == INSTANCE:
        series[instance.id] = [float(instance.status in (entities.ACTIVE, entities.UPGRADE_TO_BE_OBSERVED))] * len(
            moments
        )
    elif metric.scope != DR or get_records(site).live(instance.id):
        for node in nodes:
            series.update(_of_node(instance, node, metric, moments, _known(site, instance, node, metric)))
    return {
        "name": metric.name,
        "node_id": ",".join(node.id for node in nodes),
        "collection_frequency": FREQUENCY,
        "series": series,
        "timestamps": moments if series else [],
    }


def _known(site: Site, instance: Instance, node: Node, metric: Metric) -> Known:
    """The value of a metric at a moment (epoch milliseconds) from the state of the site, if available."""
    if metric.measured == DISK and (disk := disk_of(instance, node)):
        return lambda moment: disk.percent if moment >= disk.since * 1000 else None
    if metric.measured in (RPO, RTO) and (record := get_records(site).live(instance.id)):
        return lambda moment: float(lag(record, moment / 1000)[metric.measured == RTO])
    return lambda _moment: None


def _of_node(
    instance: Instance, node: Node, metric: Metric, moments: list[int], known: Known
) -> dict[str, list[float | None]]:
    """Series by the address of the node, or by its components. Components that are down have no values."""
    if metric.scope in (HOST, CMA):
        # The host of a stopped node keeps running.
        up = node.status != FAILED if metric.scope == HOST else is_up(node)
        address = node.manage_ip
        return {address: [_value(instance, metric, address, m, known) if up else None for m in moments]}
    kind = metric.scope
    if kind == WORK:
        kind = "CN" if is_distributed(instance) else "DN"
    elif kind == DR:
        kind = "DN"
    found: dict[str, list[float | None]] = {}
    for component in node.components:
        if component.type == kind:
            found[component.id] = _of_component(instance, component, metric, moments, known)
    return found


def _of_component(
    instance: Instance, component: Component, metric: Metric, moments: list[int], known: Known
) -> list[float | None]:
    if component.status == DOWN:
        return [None] * len(moments)
    if metric.name == "datanode_switch_status":
        return [float(is_leader(component))] * len(moments)
    key = f"{instance.id}:{component.id}"
    return [_value(instance, metric, key, moment, known) for moment in moments]


def _value(instance: Instance, metric: Metric, key: str, moment: int, known: Known) -> float:
    if metric.name.endswith("_startup_time"):
        return float(int(instance.created))
    return metric.value(key, moment, known(moment))
