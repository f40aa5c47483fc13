# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole way of a change through Git, as `make demo-gitops` shows it."""

from __future__ import annotations

import pytest
from conftest import run_demo


@pytest.mark.long
def test_a_change_goes_from_the_merge_request_to_the_platform_and_stays_there() -> None:
    output = run_demo("demo_gitops")
    for text in (
        "approved, but no longer so: core-prod: parameter failed_login_attempts changed, value 10 → 5",
        "- core-prod: parameters 1, user auditor new",
        "=== The end, after",
    ):
        assert text in output
    assert "Example-Auditor-1" not in output
