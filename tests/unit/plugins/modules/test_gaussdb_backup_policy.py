# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The hour and the days of a backup policy."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import backup as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.modules import gaussdb_backup_policy


@pytest.mark.parametrize("value", ["00:00-01:00", "19:00-20:00", "23:00-00:00", "23:00-24:00"])
def test_one_full_hour_is_allowed(value: str) -> None:
    assert gaussdb_backup_policy.check_hour_window(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "19:00",
        "19:30-20:30",
        "19:00-21:00",
        "24:00-01:00",
        "20:00-19:00",
        "9:00-10:00",
        "19:00-20:00-21:00",
        "\u00b2\u00b2:00-20:00",
        "\u0661\u0669:00-20:00",
    ],
)
def test_other_values_are_rejected(value: str) -> None:
    assert gaussdb_backup_policy.check_hour_window(value)


def test_midnight_can_be_written_in_two_ways() -> None:
    assert gaussdb_backup_policy.same_window("23:00-24:00", "23:00-00:00")
    assert not gaussdb_backup_policy.same_window("22:00-23:00", "23:00-00:00")
    assert not gaussdb_backup_policy.same_window("22:00-23:00", None)


def test_a_duplicate_day_is_reported() -> None:
    assert gaussdb_backup_policy.check_listed_once([1, 2, 3]) is None
    assert gaussdb_backup_policy.check_listed_once([1, 2, 1]) == "1 is listed twice"


def body(scope_id: str | None, current: dict[str, Any], **desired: Any) -> Any:
    item = Item(desired, "orders", current=current)
    return gaussdb_backup_policy.set_policy(SimpleNamespace(parent=Parent(scope_id)), item).body["backup_policy"]


def test_values_that_are_always_required_are_taken_from_the_current_policy() -> None:
    current = api.POLICY.read(
        {
            "backup_policy": {
                "keep_days": 7,
                "start_time": "1",
                "period": "2/1",
                "differential_priod": "30",
                "rate_limit": 5,
            }
        }
    )
    assert body("id", current, keep_days=8) == {
        "keep_days": 8,
        "start_time": "1",
        "period": "1,2",
        "differential_period": "30",
    }
    assert body("id", current, rate_limit_mb=0)["rate_limit"] == 0


def test_missing_values_are_required_unless_the_instance_does_not_exist_yet() -> None:
    with pytest.raises(InputError, match="start_time, period, differential_period_minutes: required"):
        body("id", {}, keep_days=8)
    assert body(None, {}, keep_days=8) == {"keep_days": 8}
