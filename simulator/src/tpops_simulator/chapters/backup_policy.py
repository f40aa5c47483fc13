# SPDX-License-Identifier: GPL-3.0-or-later
"""4.2 backup settings: policy, extended configuration, medium, certificates, archive path."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from ..model import entities
from ..model.backups import (
    SHARED_SETTINGS,
    XBSA,
    archives_log,
    catch_up,
    forget_schedule,
    medium_path,
    on_xbsa,
    policy_of,
    state_of,
)
from ..model.entities import Instance
from ..model.errors import ApiError
from ..model.instances import find_instance, instance_in
from ..model.request import Request
from ..model.site import Site
from ..model.versions import version_key

# Backups can be configured in every other state.
_UNBUILT = frozenset({entities.BUILD, entities.BUILD_FAILED})
STANDBY_BACKUP_FROM = (3, 100)


def _configurable(site: Site, request: Request) -> Instance:
    instance = find_instance(site, request.path["instance_id"])
    if instance.status in _UNBUILT:
        raise ApiError("DBS.216009", detail=f"instance status {instance.status}")
    return instance


def _refuse_xbsa(instance: Instance, code: str) -> None:
    if on_xbsa(instance):
        raise ApiError(code, detail="not for instances that back up to an XBSA medium")


def _check_standby_backup(instance: Instance, enabled: bool, code: str) -> None:
    if not enabled:
        return
    if instance.solution == "single":
        raise ApiError(code, detail="enable_standby_backup: the instance has a single node")
    if version_key(instance.version) and version_key(instance.version)[:2] < STANDBY_BACKUP_FROM:
        raise ApiError(code, detail="enable_standby_backup: the engine is too old")


def set_backup_policy(site: Site, request: Request) -> None:
    """4.2.1."""
    instance = _configurable(site, request)
    _refuse_xbsa(instance, "DBS.280125")
    given = dict(request.body["backup_policy"])
    begin, end = given["start_time"][:2], given["start_time"][6:8]
    if int(end) not in (int(begin) + 1, (int(begin) + 1) % 24):
        raise ApiError("DBS.280125", detail="start_time must span one hour")
    days = given["period"].replace("/", ",").split(",")
    if len(set(days)) != len(days):
        raise ApiError("DBS.280125", detail="period lists a day twice")
    given["period"] = ",".join(days)
    given["differential_period"] = str(given["differential_period"])
    if "enable_standby_backup" in given:
        given["enable_standby_backup"] = given["enable_standby_backup"] in (True, "true")
        _check_standby_backup(instance, given["enable_standby_backup"], "DBS.280125")
    forget_schedule(site, instance)
    for setting in SHARED_SETTINGS:
        if setting in given:
            instance.backup_config[setting] = given.pop(setting)
    instance.backup_policy.update(given)
    instance.updated = site.clock.now()


def get_backup_policy(site: Site, request: Request) -> dict[str, Any]:
    """4.2.5."""
    instance = _configurable(site, request)
    _refuse_xbsa(instance, "DBS.280125")
    return {"backup_policy": policy_of(instance)}


def set_backup_config(site: Site, request: Request) -> None:
    """4.2.4."""
    instance = _configurable(site, request)
    given = {name.strip(): value for name, value in request.body.items()}
    if not given:
        raise ApiError("DBS.200006")
    _check_standby_backup(instance, given.get("enable_standby_backup", False), "DBS.200001")
    instance.backup_config.update(given)
    instance.updated = site.clock.now()


def get_backup_config(site: Site, request: Request) -> dict[str, Any]:
    """4.2.6."""
    instance = _configurable(site, request)
    policy = policy_of(instance)
    return {
        **{name: policy[name] for name in SHARED_SETTINGS},
        "close_compression": instance.backup_config.get("close_compression", False),
    }


def change_backup_media(site: Site, request: Request) -> dict[str, Any]:
    """4.2.3."""
    instance = instance_in(site, request.path["instance_id"])
    _refuse_xbsa(instance, "DBS.200001")
    forget_schedule(site, instance)

    def switch(site: Site) -> None:
        state_of(instance).medium = XBSA

    job = site.start_job(
        "ChangeBackupMediaGaussDBV5Instance",
        instance_id=instance.id,
        seconds=60,
        steps=("check", "switch", "verify"),
        on_done=switch,
    )
    return {"job_id": job.id}


def install_backup_certificates(site: Site, request: Request) -> dict[str, Any]:
    """4.2.19. The content must be Base64 and is not kept: no operation returns it."""
    instance = instance_in(site, request.path["instance_id"])
    for name, content in request.body.items():
        try:
            base64.b64decode("".join(content.split()), validate=True)
        except (binascii.Error, ValueError):
            raise ApiError("DBS.200001", detail=f"{name} is not Base64") from None

    def install(site: Site) -> None:
        state_of(instance).certificates = True

    job = site.start_job(
        "InstallBackupCertsGaussDBV5Instance",
        instance_id=instance.id,
        seconds=30,
        steps=("send", "install"),
        on_done=install,
    )
    return {"job_id": job.id}


def get_archive_log_path(site: Site, request: Request) -> dict[str, Any]:
    """4.2.16. Empty while no logs are archived: a restore waits for its confirmation, an upgrade for a full backup."""
    instance = _configurable(site, request)
    _refuse_xbsa(instance, "DBS.200001")
    catch_up(site, instance)
    return {"path": f"{medium_path(site, instance.id)}/Log" if archives_log(site, instance) else ""}
