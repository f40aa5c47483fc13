# SPDX-License-Identifier: GPL-3.0-or-later
"""4.10.7, 4.10.8, 4.10.10 and 4.10.11: what inspections found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model.errors import ApiError
from ..model.inspection_findings import ABNORMAL, FAIL, NORMAL
from ..model.inspection_items import CATEGORIES
from ..model.inspections import (
    POINT_SECONDS,
    Finding,
    InspectionRecord,
    in_language,
    in_order,
    store,
)
from ..model.request import Request
from ..model.site import Site
from ..model.times import milliseconds

# status: (result, cause, advice), each in English and Chinese
TEXTS = {
    NORMAL: (("No problem was found.", "未发现问题。"), ("", ""), ("", "")),
    ABNORMAL: (
        ("A value is outside its limit.", "有指标超出阈值。"),
        ("High load or a fault.", "负载过高或发生故障。"),
        ("Look at the nodes concerned.", "请检查相关节点。"),
    ),
    FAIL: (
        ("The item could not be checked.", "巡检失败。"),
        ("The instance cannot be reached.", "实例无法访问。"),
        ("Check the status of the instance and run the task again.", "请检查实例状态后重新执行。"),
    ),
}


def get_inspection_statistic(site: Site, request: Request) -> dict[str, Any]:
    """4.10.7."""
    record = _record(site, request)
    categories = []
    for key, names in CATEGORIES.items():
        findings = [f for f in record.findings if f.item.category == key]
        if findings:
            categories.append({"name": in_language(request, names), **_counts(findings)})
    return {"global_statistics": _counts(record.findings), "category_statistics": categories}


def get_inspection_record(site: Site, request: Request) -> dict[str, Any]:
    """4.10.8. A running record has no results yet."""
    record = _record(site, request)
    return {
        "total_count": len(record.findings),
        "instance_id": record.instance_id,
        "start_time": milliseconds(record.started),
        "end_time": milliseconds(record.ended),
        "inspection_results": [_result(request, record, finding) for finding in record.findings],
    }


def list_inspection_records(site: Site, request: Request) -> dict[str, Any]:
    """4.10.10."""
    body = request.body
    names, status, task_name = body.get("instance_name"), body.get("status"), body.get("task_name") or ""
    ranges = body.get("inspection_start_time_range") or []
    ranges = [ranges] if isinstance(ranges, dict) else ranges
    found = [
        record
        for record in store(site).records.values()
        if (not names or record.instance_name in names)
        and (not status or record.status == status)
        and task_name in record.task_name
        and (not ranges or any(_in_range(record.started, span) for span in ranges))
    ]
    keys: dict[str, Callable[[InspectionRecord], Any]] = {
        "instance_name": lambda record: record.instance_name,
        "status": lambda record: record.status,
        "task_name": lambda record: record.task_name,
        "start_time": lambda record: record.started,
        "end_time": lambda record: record.ended,
    }
    found = in_order(found, keys[body.get("sort", "start_time")], body.get("order", "desc"))
    now = site.clock.now()
    return {
        "records": [_record_summary(record, now) for record in site.page(found, request)],
        "total_count": len(found),
    }


def delete_inspection_records(site: Site, request: Request) -> dict[str, Any]:
    """4.10.11. An unknown or running record fails separately."""
    records = store(site).records
    results = []
    for record_id in request.body:
        record = records.get(record_id)
        gone = record is not None and record.ended is not None
        if gone:
            del records[record_id]
        results.append({"record_id": record_id, "result": "success" if gone else "failure"})
    return {"records": results, "total_count": len(results)}


def _record(site: Site, request: Request) -> InspectionRecord:
    record = store(site).records.get(request.path["record_id"])
    if record is None:
        raise ApiError("DBS.200044", detail="inspection record")
    return record


def _in_range(moment: float, span: dict[str, Any]) -> bool:
    start, end = span.get("start_time"), span.get("end_time")
    now = moment * 1000
    return (start in (None, "") or int(start) <= now) and (end in (None, "") or now <= int(end))


def _record_summary(record: InspectionRecord, now: float) -> dict[str, Any]:
    return {
        "record_id": record.id,
        "instance_name": record.instance_name,
        "instance_id": record.instance_id,
        "inspection_policy": record.policy,
        "inspection_scope": record.scope,
        "task_name": record.task_name,
        "start_time": milliseconds(record.started),
        "end_time": milliseconds(record.ended),
        "progress": record.progress(now),
        "status": record.status,
        "total_count": len(record.item_ids),
        "failed_count": record.count(FAIL),
        "abnormal_count": record.count(ABNORMAL),
        "normal_count": record.count(NORMAL),
    }


def _counts(findings: list[Finding]) -> dict[str, int]:
    counts = {status: sum(f.status == status for f in findings) for status in (FAIL, ABNORMAL, NORMAL)}
    return {"total": len(findings), **counts}


def _result(request: Request, record: InspectionRecord, finding: Finding) -> dict[str, Any]:
    result, causes, advice = TEXTS[finding.status]
    item = finding.item
    return {
        "item": item.key,
        "name": in_language(request, item.names),
        "description": in_language(request, item.descriptions),
        "inspection_category": in_language(request, CATEGORIES[item.category]),
        "status": finding.status,
        "inspection_result": in_language(request, result),
        "possible_causes": in_language(request, causes),
        "suggestions": in_language(request, advice),
        "indicators": _indicators(request, record, finding) if finding.values else None,
    }


def _indicators(request: Request, record: InspectionRecord, finding: Finding) -> list[dict[str, Any]]:
    metrics = []
    for address, name, values in finding.values:
        begin = record.started - POINT_SECONDS * (len(values) - 1)
        metrics.append(
            {
                "ip": address,
                "name": name,
                "max": max(values),
                "min": min(values),
                "average": round(sum(values) / len(values), 2),
                "p95": str(sorted(values)[int(0.95 * (len(values) - 1))]),
                "data": {
                    "time": [str(milliseconds(begin + POINT_SECONDS * n)) for n in range(len(values))],
                    "metrics": values,
                },
            }
        )
    return [{"name": in_language(request, finding.item.names), "unit": finding.item.unit, "metrics": metrics}]
