# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How an estate wants its instances to be upgraded: the options of the role upgrade, each without its prefix."""

from __future__ import annotations

from ..engine.checks import between, each, length, pattern
from ..engine.options import Field
from ..util.times import check_duration
from .upgrade import GREY, HOTFIX, INPLACE

# What a verification can find that is no opinion, and a task of the platform that fails.
FINDINGS = COMPONENTS, CRITICAL_ALARM, TASKS, JOB = ("components", "critical_alarm", "tasks", "job")

_STEP = each(pattern(r"(observe|commit|apply) (primary|standby)", 'a step such as "observe primary"'))

OPTIONS = (
    Field("version", validate=length(1, 64)),
    Field("strategy", choices=(GREY, HOTFIX, INPLACE)),
    Field("auto_commit", type="bool"),
    Field("zone_groups", type="list", elements="list"),
    Field("zone_attempts", type="int", validate=between(1, 10)),
    Field("agents", choices=("upgrade", "require", "ignore")),
    Field("backup", choices=("make", "require", "ignore")),
    Field("backup_age"),
    Field("transaction_seconds", type="int"),
    Field("disk_used_percent", type="float"),
    Field("inspection"),
    Field("inspection_age"),
    Field("gate_patience", type="int"),
    Field("compare_objects", type="bool"),
    Field("keep_parameters", type="list", elements="str"),
    Field("observe_minutes", type="float"),
    Field("sample_minutes", type="float"),
    Field("observe_tasks"),
    Field("verify_tasks"),
    Field("compare_days", type="int"),
    Field("compare_hours", type="float"),
    Field("slow_factor", type="float"),
    Field("min_calls", type="int"),
    Field("new_slow_statements", type="int"),
    Field("cpu_points", type="float"),
    Field("on_failure", choices=("hold", "rollback")),
    Field("rollback_on", type="list", elements="str", choices=FINDINGS),
    Field(
        "dr_order",
        type="dict",
        fields=tuple(Field(kind, type="list", elements="str", validate=_STEP) for kind in ("stream", "dorado", HOTFIX)),
    ),
    Field("wait_timeout", type="int"),
    Field("wait_interval", type="int"),
)
WAVE = Field("wave", type="int")
DOCS = {
    "version": "The version to upgrade to, or hotfixes separated by commas. Default: the engine_version.",
    "strategy": (
        "How to upgrade: grey, which is zone by zone with a time to observe, hotfix, or inplace, which stops the"
        " service."
    ),
    "auto_commit": "Whether a grey upgrade is done and committed in one task, without a time to observe or a way back.",
    "zone_groups": "Which zones are upgraded together, as lists of zones in their order. Default: each by itself.",
    "zone_attempts": "How often to attempt the upgrade of a group of zones whose task fails and leaves all as it was.",
    "agents": "Whether to upgrade the agents first, to require that they are up to date, or to ignore them.",
    "backup": "Whether to make a full backup where there is no recent one, to require a recent one, or to ignore it.",
    "backup_age": "The age up to which a backup is recent, such as 1d.",
    "transaction_seconds": "The longest time that a transaction may have been open at the begin.",
    "disk_used_percent": "The highest usage of a data disk at the begin.",
    "inspection": "Name of a scene. The newest inspection with its checks must not have found anything.",
    "inspection_age": "The age up to which an inspection counts, such as 1d.",
    "gate_patience": "How many seconds to wait at the begin for a replica that is not in sync and a long transaction.",
    "compare_objects": "Whether a database or a user that is gone or new fails a verification.",
    "keep_parameters": "Names of parameters that must have the same values after the upgrade.",
    "observe_minutes": "How long to observe each group of zones after its upgrade.",
    "sample_minutes": "The time between two looks while observing.",
    "observe_tasks": "File with own tasks to run at each look.",
    "verify_tasks": "File with own tasks to run at each verification.",
    "compare_days": "How many days before to compare the workload with, before the commit. 0 compares nothing.",
    "compare_hours": "How many hours to compare, since the last zone was upgraded if a run did that more recently.",
    "slow_factor": "How many times as long as before a statement may take.",
    "min_calls": "How often a statement must have run in both periods to be compared.",
    "new_slow_statements": "How many statements may be slow that were not before.",
    "cpu_points": "By how many percentage points the CPU usage may be higher.",
    "on_failure": "Whether to hold or to roll back where a zone cannot be upgraded, or its verification fails.",
    "rollback_on": "What has to be found to roll back: components, critical_alarm, tasks (your own), job (of a zone).",
    "dr_order": "The order of the two instances of a relation, by the type of replication, in place of the usual one.",
    "dr_order.stream": "Its steps for streaming replication, each observe or commit, and primary or standby.",
    "dr_order.dorado": "Its steps for the replication of storage.",
    "dr_order.hotfix": "Its steps for hotfixes, each apply, and primary or standby.",
    "wait_timeout": "Maximum seconds for one operation.",
    "wait_interval": "Maximum seconds between two polls.",
    "wave": "Instances with a lower number come earlier, and those without one at the end.",
}
UPGRADE = Field("upgrade", type="dict", fields=(*OPTIONS, WAVE))
UPGRADE_DEFAULTS = Field("upgrade_defaults", type="dict", fields=OPTIONS)
WAVES = Field(
    "upgrade_waves",
    type="list",
    elements="str",
    validate=each(pattern(r"[1-9]\d*%?", "a number of instances such as 5, or a share of them such as 20%")),
)
MAX_FAIL_PERCENTAGE = Field("upgrade_max_fail_percentage", type="int", validate=between(0, 100))
VERIFY_AGE = Field("upgrade_verify_age", validate=check_duration)
