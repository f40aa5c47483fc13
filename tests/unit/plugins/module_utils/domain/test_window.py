# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a window is open."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import window


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


NIGHT = {"from": "22:00", "to": "02:00", "days": ["sat"]}
SHANGHAI = {"from": "01:00", "to": "05:00", "time_zone": "Asia/Shanghai"}


@pytest.mark.parametrize(
    ("described", "moment", "is_open"),
    [
        (None, "2026-11-27T12:00", True),
        ({"from": "01:00", "to": "05:00"}, "2026-11-27T00:59", False),
        ({"from": "01:00", "to": "05:00"}, "2026-11-27T01:00", True),
        ({"from": "01:00", "to": "05:00"}, "2026-11-27T04:59", True),
        ({"from": "01:00", "to": "05:00"}, "2026-11-27T05:00", False),
        # 28 November 2026 is a Saturday: the window lasts into the Sunday.
        (NIGHT, "2026-11-28T21:59", False),
        (NIGHT, "2026-11-28T22:00", True),
        (NIGHT, "2026-11-29T01:59", True),
        (NIGHT, "2026-11-29T02:00", False),
        (NIGHT, "2026-11-28T01:00", False),
        (NIGHT, "2026-11-29T22:30", False),
        ({"from": "00:00", "to": "00:00", "days": ["fri"]}, "2026-11-27T23:59", True),
        ({"from": "00:00", "to": "00:00", "days": ["fri"]}, "2026-11-28T00:00", False),
        # 17:00 in London is 01:00 of the next day in Shanghai.
        (SHANGHAI, "2026-11-27T17:00", True),
        (SHANGHAI, "2026-11-27T16:59", False),
        ({**SHANGHAI, "days": ["sat"]}, "2026-11-27T17:00", True),
        ({**SHANGHAI, "days": ["fri"]}, "2026-11-27T17:00", False),
    ],
)
def test_a_window_is_open(described: Any, moment: str, is_open: bool) -> None:
    assert window.is_open(described, at(moment)) is is_open


def test_a_window_is_shown_as_people_write_it() -> None:
    assert window.describe(NIGHT) == "sat 22:00 to 02:00 UTC"
    assert window.describe(SHANGHAI) == "daily 01:00 to 05:00 Asia/Shanghai"


def test_a_time_zone_has_to_be_known() -> None:
    assert window.check_time_zone("Asia/Shanghai") is None
    for wrong in ("Asia/Nowhere", "../etc/passwd", ""):
        assert "Asia/Shanghai" in str(window.check_time_zone(wrong))
