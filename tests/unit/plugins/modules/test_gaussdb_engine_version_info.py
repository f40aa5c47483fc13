# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Versions are texts, whatever the platform lists."""

from __future__ import annotations

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.modules.gaussdb_engine_version_info import SPEC


def test_entries_that_are_not_versions_are_omitted() -> None:
    listed: Any = [3.103, "3.200.0", None, {"version": "3.300.0"}]
    ctx: Any = None
    assert SPEC.find.select is not None
    assert SPEC.find.select(ctx, listed) == ["3.103", "3.200.0"]
