# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backups and their settings (reference 4.2.1 to 4.2.8, 4.2.12, 4.2.15 to 4.2.19)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..util.values import as_bool, as_int, as_list, as_words, lookup
from . import vocabulary as words
from .operation import Call, Operation
from .shape import Attr, Shape

# Option and name in requests and replies (4.2.1, 4.2.5).
POLICY_NAMES = {
    "keep_days": "keep_days",
    "start_time": "start_time",
    "period": "period",
    "differential_period_minutes": "differential_period",
    "rate_limit_mb": "rate_limit",
    "prefetch_blocks": "prefetch_block",
    "file_split_size_gb": "file_split_size",
    "standby_backup": "enable_standby_backup",
}


def read_weekdays(value: Any) -> list[int]:
    """Read ``1,2,3``; the reference also writes ``1/2/3``."""
    return [day for text in as_words(value, ",/") if (day := as_int(text)) is not None]


def _inverse(value: Any) -> bool | None:
    known = as_bool(value)
    return None if known is None else not known


def _policy(option: str, kind: str, *more: str, doc: str) -> Attr:
    name = POLICY_NAMES[option]
    return Attr(option, tuple(f"backup_policy.{spelling}" for spelling in (name, *more)), kind, doc=doc)


POLICY = Shape(
    (
        _policy("keep_days", "int", doc="Number of days that a backup is kept."),
        _policy("start_time", "str", doc="Hour in which full backups begin, in UTC."),
        Attr(
            "period",
            ("backup_policy.period",),
            convert=read_weekdays,
            type="list",
            elements="int",
            doc="Days of the week of full backups, V(1) for Monday.",
        ),
        _policy(
            "differential_period_minutes", "int", "differential_priod", doc="Minutes between two differential backups."
        ),
        _policy("rate_limit_mb", "int", doc="Maximum upload rate in MB/s."),
        _policy("prefetch_blocks", "int", doc="Number of pages read ahead."),
        _policy("file_split_size_gb", "int", doc="Size in GB at which files are split."),
        _policy("standby_backup", "bool", doc="Whether backups are taken from a standby."),
    ),
    sample={
        "keep_days": 14,
        "start_time": "19:00-20:00",
        "period": [1, 2, 3, 4, 5],
        "differential_period_minutes": 30,
        "rate_limit_mb": 75,
        "prefetch_blocks": 64,
        "file_split_size_gb": 4,
        "standby_backup": False,
    },
)
CONFIG = Shape(
    (
        Attr("rate_limit_mb", ("rate_limit",), "int", doc="Maximum upload rate in MB/s."),
        Attr("prefetch_blocks", ("prefetch_block",), "int", doc="Number of pages read ahead."),
        Attr("standby_backup", ("enable_standby_backup",), "bool", doc="Whether backups are taken from a standby."),
        # The reference's example has a trailing space in the name.
        Attr(
            "compression",
            ("close_compression", "close_compression "),
            "bool",
            convert=_inverse,
            doc="Whether backups are compressed.",
        ),
    ),
    sample={
        "rate_limit_mb": 75,
        "prefetch_blocks": 64,
        "standby_backup": False,
        "compression": True,
    },
)

# Types of new backups in requests (4.2.7).
NEW_TYPES = {"full": "completed", "differential": "differential", "log": "log"}
DIFFERENTIAL = "differential"

_COMMON = (
    Attr("id", doc="ID of the backup."),
    Attr("name", doc="Name of the backup."),
    Attr("status", words=words.BACKUP_STATUS, doc="V(BUILDING) while it is in progress, V(COMPLETED) or V(FAILED)."),
    Attr("begin_time", doc="When it began, with the offset from UTC."),
    Attr("end_time", doc="When it ended. Empty while it is in progress."),
    Attr("size_mb", ("size",), "number", doc="Size in MB."),
    Attr("description", doc="Description of the backup. Empty for differential backups."),
    Attr("detail_message", doc="More about the backup. Empty for differential backups."),
    Attr(
        "engine_type", ("datastore.type",), words=words.ENGINE, doc="Database engine. Empty for differential backups."
    ),
    Attr("engine_version", ("datastore.version",), doc="Version of the engine. Empty for differential backups."),
    Attr("instance_id", doc="ID of the instance. Empty for differential backups."),
    Attr("file_name", doc="Path of the backup on a NAS. Empty for other media and for differential backups."),
)
BACKUP = Shape(
    (
        *_COMMON,
        Attr(
            "type",
            words=words.BACKUP_TYPE,
            doc="Type as the platform calls it, such as V(auto), V(manual) or V(Snapshot_Xbsa), or V(differential).",
        ),
    )
)
# The list of differential backups (4.2.12) does not contain their type.
DIFFERENTIAL_BACKUP = Shape((*_COMMON, Attr("type", ("id",), convert=lambda _id: DIFFERENTIAL)))
DELETED = Shape((Attr("id", ("backup_id",)), Attr("code", ("error_code",)), Attr("text", ("error_msg",))))

# Option, and name in requests (4.2.19, 4.11.7).
CERTIFICATES = {
    "ca_cert": "ca_cert_pem",
    "client_cert": "client_crt",
    "client_key": "client_key",
    "key_password": "rand_pass",
}

_BASE = "/gaussdb/v3/instances/{instance_id}"
# The reference requires X-Auth-Token for some of the operations.
_AUTH_TOKEN = {"X-Auth-Token": ""}

SET_BACKUP_POLICY = Operation("set_backup_policy", "PUT", _BASE + "/backups/policy", "4.2.1")
GET_BACKUP_POLICY = Operation("get_backup_policy", "GET", _BASE + "/backups/policy", "4.2.5", read=True, shape=POLICY)
STOP_BACKUP = Operation("stop_backup", "POST", _BASE + "/backups/stop", "4.2.2", job=True)
CHANGE_BACKUP_MEDIA = Operation("change_backup_media", "PUT", _BASE + "/change-backup-media", "4.2.3", job=True)
SET_BACKUP_CONFIG = Operation("set_backup_config", "PUT", _BASE + "/backups/config", "4.2.4", headers=_AUTH_TOKEN)
GET_BACKUP_CONFIG = Operation(
    "get_backup_config", "GET", _BASE + "/backups/config", "4.2.6", read=True, shape=CONFIG, headers=_AUTH_TOKEN
)
CREATE_BACKUP = Operation("create_backup", "POST", "/gaussdb/v3/backups", "4.2.7", job=True)
DELETE_BACKUP = Operation("delete_backup", "DELETE", "/gaussdb/v3/backups/{backup_id}", "4.2.8")
LIST_DIFFERENTIAL_BACKUPS = Operation(
    "list_differential_backups",
    "GET",
    _BASE + "/differential-backups",
    "4.2.12",
    read=True,
    items=("differential_backups",),
    page_size=100,
    shape=DIFFERENTIAL_BACKUP,
)
LIST_BACKUPS = Operation(
    "list_backups", "GET", "/gaussdb/v3.1/backups", "4.2.15", read=True, items=("backups",), page_size=100, shape=BACKUP
)
SYNC_BACKUP_METADATA = Operation(
    "sync_backup_metadata", "POST", "/gaussdb/v3/backups/sync-metadata", "4.2.17", job=True, headers=_AUTH_TOKEN
)
DELETE_BACKUP_DATA = Operation(
    "delete_backup_data", "DELETE", "/gaussdb/v3/backups/batch-delete", "4.2.18", headers=_AUTH_TOKEN
)
INSTALL_BACKUP_CERTIFICATES = Operation(
    "install_backup_certificates", "POST", _BASE + "/backups/ssl-certs", "4.2.19", job=True
)
GET_ARCHIVE_LOG_PATH = Operation(
    "get_archive_log_path", "GET", _BASE + "/archive-log-path", "4.2.16", read=True, shape=Shape((Attr("path"),))
)


def set_backup_policy(instance_id: str | None, policy: Mapping[str, Any]) -> Call:
    """Set the automatic backup policy (4.2.1), with the names of :data:`POLICY_NAMES`; ``period`` is a list of
    weekdays."""
    sent = {POLICY_NAMES[option]: value for option, value in policy.items() if value is not None}
    if "period" in sent:
        sent["period"] = ",".join(str(day) for day in sorted(set(sent["period"])))
    if "differential_period" in sent:
        # A string in the request but a number in the reply.
        sent["differential_period"] = str(sent["differential_period"])
    return SET_BACKUP_POLICY.call(path={"instance_id": instance_id}, body={"backup_policy": sent})


def get_backup_policy(instance_id: str | None) -> Call:
    """Get the automatic backup policy (4.2.5)."""
    return GET_BACKUP_POLICY.call(path={"instance_id": instance_id})


def get_backup_config(instance_id: str | None) -> Call:
    """Get the extended backup configuration (4.2.6)."""
    return GET_BACKUP_CONFIG.call(path={"instance_id": instance_id})


def get_archive_log_path(instance_id: str | None) -> Call:
    """Get the archive path of the log; an empty path means that it is not archived (4.2.16)."""
    return GET_ARCHIVE_LOG_PATH.call(path={"instance_id": instance_id})


def set_backup_config(instance_id: str | None, config: Mapping[str, Any]) -> Call:
    """Set the extended configuration (4.2.4), with the keys of :data:`CONFIG`. ``compression`` is for XBSA
    instances."""
    compression = config.get("compression")
    body = {
        "rate_limit": config.get("rate_limit_mb"),
        "prefetch_block": config.get("prefetch_blocks"),
        "enable_standby_backup": config.get("standby_backup"),
        "close_compression": None if compression is None else not compression,
    }
    return SET_BACKUP_CONFIG.call({"instance_id": instance_id}, body=body)


def stop_backup(instance_id: str | None) -> Call:
    """Stop the running backups of an instance, of any type (4.2.2). Error ``DBS.216009``: not possible now."""
    return STOP_BACKUP.call({"instance_id": instance_id})


def change_backup_media(instance_id: str | None) -> Call:
    """Let an instance back up to an XBSA medium (4.2.3). This cannot be undone."""
    return CHANGE_BACKUP_MEDIA.call({"instance_id": instance_id}, body={"type": "xbsa"})


def create_backup(
    instance_id: str | None,
    name: str,
    backup_type: str | None = None,
    description: str | None = None,
    depends_on: Sequence[str] | None = None,
) -> Call:
    """Start a manual backup of a type of :data:`NEW_TYPES` (4.2.7).

    ``depends_on`` are IDs, for log backups. Error ``DBS.200751``: a required backup does not exist.
    """
    body = {
        "instance_id": instance_id,
        "name": name,
        "description": description,
        "backup_type": NEW_TYPES.get(backup_type or ""),
        "depend_backupIds": depends_on,
    }
    return CREATE_BACKUP.call(body=body)


def delete_backup(backup_id: str) -> Call:
    """Delete a manual backup (4.2.8). Errors ``DBS.201218``: not a manual one, ``DBS.200751``: it does not exist."""
    return DELETE_BACKUP.call({"backup_id": backup_id})


def list_differential_backups(
    instance_id: str | None, begin_time: str | None = None, end_time: str | None = None
) -> Call:
    """List differential backups that began between two moments, by default in the last 24 hours (4.2.12)."""
    return LIST_DIFFERENTIAL_BACKUPS.call(
        {"instance_id": instance_id}, query={"begin_time": begin_time, "end_time": end_time}
    )


def list_backups(
    instance_id: str | None = None,
    backup_type: str | None = None,
    backup_id: str | None = None,
    begin_time: str | None = None,
    end_time: str | None = None,
) -> Call:
    """List backups that began between two moments; both or neither must be given (4.2.15).

    Without a type it lists all but those on XBSA media; differential ones are never included.
    """
    query = {
        "instance_id": instance_id,
        "backup_id": backup_id,
        "backup_type": backup_type,
        "begin_time": begin_time,
        "end_time": end_time,
    }
    return LIST_BACKUPS.call(query=query)


def sync_backup_metadata(instance_id: str | None, source_instance_id: str | None, start_ms: int, end_ms: int) -> Call:
    """Let the agent of an XBSA instance read the source's backups on the medium (4.2.17): whole days, at most 100."""
    body = {
        "source_instance_id": source_instance_id,
        "prepared_instance_id": instance_id,
        "media_type": "XBSA",
        "start_time": str(start_ms),
        "end_time": str(end_ms),
    }
    return SYNC_BACKUP_METADATA.call(body=body)


def delete_backup_data(instance_id: str | None, backup_ids: Sequence[str]) -> Call:
    """Delete backups of one instance, of any type (4.2.18). :func:`undeleted_of` reads which are left."""
    return DELETE_BACKUP_DATA.call(body={"backup_ids": list(backup_ids), "instance_id": instance_id})


def undeleted_of(data: Any) -> dict[str, tuple[str, str]]:
    """Return code and message by ID of the backups that a reply to :func:`delete_backup_data` rejects."""
    results = (DELETED.read(each) for each in as_list(lookup(data, "delete_results")))
    return {
        each["id"]: (each["code"], each["text"] or "")
        for each in results
        if each["id"] and each["code"] not in (None, "", "0")
    }


def install_backup_certificates(instance_id: str | None, certificates: Mapping[str, str]) -> Call:
    """Install the certificates of an XBSA medium (4.2.19), with the keys of :data:`CERTIFICATES`, each in Base64."""
    body = {name: certificates[option] for option, name in CERTIFICATES.items()}
    return INSTALL_BACKUP_CERTIFICATES.call({"instance_id": instance_id}, body=body)
