# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How an estate wants its instances to be upgraded: the options of the role upgrade, each without its prefix."""

from __future__ import annotations

from ..engine.checks import length
from ..engine.options import Field
from .upgrade import GREY

OPTIONS = (
    Field("version", validate=length(1, 64)),
    Field("strategy", choices=(GREY,)),
    Field("agents", choices=("upgrade", "require", "ignore")),
    Field("backup", choices=("make", "require", "ignore")),
    Field("backup_age"),
    Field("transaction_seconds", type="int"),
    Field("observe_minutes", type="float"),
    Field("sample_minutes", type="float"),
    Field("observe_tasks"),
    Field("verify_tasks"),
    Field("on_failure", choices=("hold", "rollback")),
    Field("wait_timeout", type="int"),
    Field("wait_interval", type="int"),
)
DOCS = {
    "version": "The version to upgrade to. Default: the engine_version of the instance.",
    "strategy": "How to upgrade: grey, which is zone by zone with a time to observe.",
    "agents": "Whether to upgrade the agents first, to require that they are up to date, or to ignore them.",
    "backup": "Whether to make a full backup where there is no recent one, to require a recent one, or to ignore it.",
    "backup_age": "The age up to which a backup is recent, such as 1d.",
    "transaction_seconds": "The longest time that a transaction may have been open at the begin.",
    "observe_minutes": "How long to observe each group of zones after its upgrade.",
    "sample_minutes": "The time between two looks while observing.",
    "observe_tasks": "File with own tasks to run at each look.",
    "verify_tasks": "File with own tasks to run at each verification.",
    "on_failure": "Whether to hold or to roll back where a zone cannot be upgraded, or its verification fails.",
    "wait_timeout": "Maximum seconds for one operation.",
    "wait_interval": "Maximum seconds between two polls.",
}
UPGRADE = Field("upgrade", type="dict", fields=OPTIONS)
UPGRADE_DEFAULTS = Field("upgrade_defaults", type="dict", fields=OPTIONS)
