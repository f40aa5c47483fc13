# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An inventory of one platform, or of none yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.gaussdb.tpops.tests.unit.inventory_support import SECRET, FakePlatform, World, instance, node


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


@pytest.fixture
def east(world: World) -> FakePlatform:
    """The only platform, whose connection is in the environment."""
    world.environment(ENDPOINT="east.example", USERNAME="automation", PASSWORD=SECRET)
    return world.add(
        "east.example",
        instances=[
            instance("sales", node(4, "az-2"), node(3), status="FAILED"),
            instance("orders", node(2), node(1, role="master")),
        ],
    )
