# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a platform did not answer."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.filter.unanswered import FilterModule


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"hosts": []}, False),
        ({"failed": True, "error": {"kind": "ConnectionFailed", "status": None}}, True),
        ({"failed": True, "error": {"kind": "InvalidReply", "status": 200}}, True),
        ({"failed": True, "error": {"kind": "ApiError", "status": 503}}, True),
        ({"failed": True, "error": {"kind": "ApiError", "status": 404}}, False),
        ({"failed": True, "msg": "missing required arguments: name"}, False),
    ],
)
def test_unanswered(result: dict[str, Any], expected: bool) -> None:
    assert FilterModule().filters()["unanswered"](result) is expected
