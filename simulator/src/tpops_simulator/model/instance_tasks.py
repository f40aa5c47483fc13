# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that keep an instance in a special state while they run."""

from __future__ import annotations

from collections.abc import Callable

from .entities import Instance
from .site import Site
from .topology import settle

SECONDS = 60


def run_on(
    site: Site,
    instance: Instance,
    name: str,
    status: str,
    on_done: Callable[[], object],
    *,
    seconds: float = SECONDS,
    steps: tuple[str, ...] = ("check", "execute", "verify"),
    on_fail: Callable[[], object] | None = None,
) -> str:
    """Start a job that keeps the instance in a state, then does its work; returns the job's ID.

    Afterwards, also after a failure, the state of the instance follows from its nodes.
    """
    instance.status = status
    instance.updated = site.clock.now()

    def finish(site: Site, work: Callable[[], object] | None) -> None:
        if work is not None:
            work()
        if instance.status == status and not site.running_jobs(instance.id):
            settle(instance)
        instance.updated = site.clock.now()

    job = site.start_job(
        name,
        instance_id=instance.id,
        seconds=seconds,
        steps=steps,
        on_done=lambda site: finish(site, on_done),
        on_fail=lambda site, reason: finish(site, on_fail),
    )
    return job.id
