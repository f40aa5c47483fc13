# SPDX-License-Identifier: GPL-3.0-or-later
"""4.3 parameters of an instance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..model.errors import ApiError
from ..model.instances import find_instance, instance_in
from ..model.parameters import UPDATED, check_parameters, known_parameters, store_parameters
from ..model.request import Request
from ..model.site import Site

JOB = "ModifyGaussDBV5InstanceParameter"
JOB_SECONDS = 20


def _stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


def get_parameters(site: Site, request: Request) -> dict[str, Any]:
    """4.3.1."""
    instance = find_instance(site, request.path["instance_id"])
    chinese = request.language == "zh-cn"
    own = instance.parameters
    return {
        "datastore_version": instance.version,
        "datastore_name": "GaussDB",
        "created": _stamp(instance.created),
        "updated": _stamp(instance.data.get(UPDATED, instance.created)),
        "configuration_parameters": [
            {
                "name": p.name,
                "value": own.get(p.name, p.default),
                "restart_required": p.restart_required,
                "value_range": p.value_range,
                "type": p.type,
                "description": p.chinese if chinese else p.english,
            }
            for p in known_parameters(instance).values()
        ],
    }


def set_parameters(site: Site, request: Request) -> dict[str, Any]:
    """4.3.2. The values become current when the task ends, so that a failed task leaves the old ones."""
    instance = instance_in(site, request.path["instance_id"])
    given = dict(request.body.get("values") or {})
    values = {**given.pop("map", {}), **given}
    if not values:
        raise ApiError("DBS.200001", detail="values is empty")
    check_parameters(instance, values)
    known = known_parameters(instance)
    restart = any(
        known[name].restart_required and instance.parameters.get(name, known[name].default) != value
        for name, value in values.items()
    )
    job = site.start_job(
        JOB,
        instance_id=instance.id,
        seconds=JOB_SECONDS,
        steps=("check", "apply", "verify"),
        on_done=lambda site: store_parameters(instance, values, site.clock.now()),
    )
    return {"restart_required": restart, "job_id": job.id}
