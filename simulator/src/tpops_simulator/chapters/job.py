# SPDX-License-Identifier: GPL-3.0-or-later
"""4.17 job center."""

from __future__ import annotations

from typing import Any

from ..model.errors import ApiError
from ..model.request import Request
from ..model.site import Site


def get_job(site: Site, request: Request) -> dict[str, Any]:
    """4.17.1. An unknown job gets the same reply as any resource that does not exist."""
    job = site.jobs.get(request.query["id"])
    if job is None or job.hidden:
        raise ApiError("DBS.200044", detail="job")
    return {"job": job.as_reply(site.clock.now_ms())}
