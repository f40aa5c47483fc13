# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Upgrades: the steps to a version, what the platform would show afterwards, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance_operations import UPGRADE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import upgrade as upgrades
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import compare
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context, Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.tests.unit.plugins.module_utils.platform import Platform, context


def upgrade(**given: Any) -> dict[str, Any]:
    kinds = [
        {
            "upgrade_type": "grey",
            "enable": True,
            "upgrade_action_list": [
                {"upgrade_action": "upgrade", "enable": True},
                {"upgrade_action": "commit", "enable": given.pop("commit", True)},
            ],
        },
        {"upgrade_type": "hotfix", "enable": given.pop("hotfix", True), "upgrade_action_list": None},
    ]
    progress = {"already_upgraded_az": given.pop("done", ""), "not_fully_upgraded_az": given.pop("left", "a, b")}
    base = {
        "source_version": "1.0",
        "upgrade_candidate_versions": ["2.0"],
        "upgrade_type_list": kinds,
        "roll_upgrade_progress": progress,
    }
    return UPGRADE.read({**base, **given})


def under_way(done: str = "b", left: str = "a", **given: Any) -> dict[str, Any]:
    return upgrade(done=done, left=left, target_version="2.0", **given)


def patched(applied: list[str], possible: list[str], version: str = "1.0", **given: Any) -> dict[str, Any]:
    return upgrade(
        source_version=version,
        hotfix_rollback_candidate_versions=applied,
        hotfix_upgrade_candidate_versions=possible,
        **given,
    )


def plan(current: dict[str, Any], *, check_mode: bool = False, **params: Any) -> tuple[Context, Item, list[Any]]:
    version = params.pop("version", "2.0")
    versions = [version] if isinstance(version, str) else version
    ctx = context(Platform(), check_mode=check_mode)
    ctx.params = {"version": versions, "strategy": "grey", "state": "upgraded", "zones": None, **params}
    ctx.parent = Parent("in1")
    (desired,) = upgrades.build_desired(ctx)
    item = Item({name: value for name, value in desired.items() if value is not None}, "orders", current=current)
    item = upgrades.refine(ctx, item) or item
    item.changes = {name: value for name, value in item.desired.items() if not compare.equal(value, current.get(name))}
    return ctx, item, upgrades.plan_steps(ctx, [item])


def requests(steps: list[Any]) -> list[tuple[Any, Any]]:
    """Return the action and the zones of each request, of a hotfix its version."""
    bodies = [step.call.body for step in steps]
    return [
        (body.get("upgrade_action"), body.get("target_version" if body["upgrade_type"] == "hotfix" else "upgrade_az"))
        for body in bodies
    ]


OBSERVED = {"state": "observed"}
COMMITTED = {"state": "committed"}
ROLLED_BACK = {"state": "rolled_back"}
HOTFIX = {"strategy": "hotfix", "version": "1.0.1"}
TWO = {"strategy": "hotfix", "version": ["1.0.10", "1.0.9"]}


@pytest.mark.parametrize(
    ("current", "params", "steps"),
    [
        (upgrade(), {}, [("upgradeAutoCommit", None)]),
        (upgrade(), {"strategy": "inplace"}, [(None, None)]),
        (upgrade(source_version="2.0"), {}, []),
        (upgrade(), {**OBSERVED, "zones": ["b"]}, [("upgrade", "b")]),
        (upgrade(), OBSERVED, [("upgrade", "a,b")]),
        (under_way(), {**OBSERVED, "zones": ["b"]}, []),
        (under_way(), OBSERVED, [("upgrade", "a")]),
        (under_way(), {}, [("upgrade", "a"), ("commit", None)]),
        (under_way("a,b", ""), {}, [("commit", None)]),
        (under_way("a,b", ""), COMMITTED, [("commit", None)]),
        (upgrade(source_version="2.0"), COMMITTED, []),
        (under_way(), ROLLED_BACK, [("rollback", None)]),
        (upgrade(), ROLLED_BACK, []),
        (upgrade(source_version="2.0"), OBSERVED, []),
        (patched([], ["1.0.1"]), HOTFIX, [("upgradeAutoCommit", "1.0.1")]),
        (patched(["1.0.1"], []), HOTFIX, []),
        (patched([], [], "1.0.1"), HOTFIX, []),
        (patched([], ["1.0.9", "1.0.10"]), TWO, [("upgradeAutoCommit", "1.0.9"), ("upgradeAutoCommit", "1.0.10")]),
        (patched(["1.0.9"], ["1.0.10"], "1.0.9"), TWO, [("upgradeAutoCommit", "1.0.10")]),
        (patched(["1.0.9", "1.0.10"], [], "1.0.10"), TWO, []),
        (patched([], ["1.0.1"]), {**HOTFIX, **ROLLED_BACK}, []),
        (
            patched(["1.0.8", "1.0.9", "1.0.10"], []),
            {**TWO, **ROLLED_BACK},
            [("rollback", "1.0.10"), ("rollback", "1.0.9")],
        ),
        (patched(["1.0.9"], ["1.0.10"], "1.0.9"), {**TWO, **ROLLED_BACK}, [("rollback", "1.0.9")]),
        # An instance that an earlier task of a check is going to create.
        ({}, OBSERVED, [("upgrade", None)]),
        ({}, COMMITTED, [("commit", None)]),
        ({}, TWO, [("upgradeAutoCommit", "1.0.9"), ("upgradeAutoCommit", "1.0.10")]),
        ({}, ROLLED_BACK, []),
    ],
)
def test_steps_to_a_version(current: dict[str, Any], params: dict[str, Any], steps: list[Any]) -> None:
    assert requests(plan(current, **params)[2]) == steps


@pytest.mark.parametrize(
    ("current", "params", "shown"),
    [
        (under_way("a", "b,c"), {**OBSERVED, "zones": ["c"]}, ("1.0", "2.0", ["a", "c"], ["b"])),
        (under_way("a", "b"), {}, ("2.0", None, [], ["a", "b"])),
        (under_way("a,b", ""), COMMITTED, ("2.0", None, [], ["a", "b"])),
        (under_way("a", "b"), ROLLED_BACK, ("1.0", None, [], ["a", "b"])),
        (upgrade(), {}, ("2.0", None, [], ["a", "b"])),
    ],
)
def test_the_desired_state_is_what_the_platform_would_show(
    current: dict[str, Any], params: dict[str, Any], shown: tuple[Any, ...]
) -> None:
    item = plan(current, **params)[1]
    after = {**current, **item.desired}
    assert tuple(after[name] for name in ("version", "target_version", "upgraded_zones", "remaining_zones")) == shown


@pytest.mark.parametrize(
    ("current", "params", "problem"),
    [
        (upgrade(), {"version": "3.0"}, "version: 1.0 cannot be upgraded to 3.0 with grey, only to 2.0"),
        (upgrade(), {"version": ["2.0", "3.0"]}, "version: only hotfixes can be several"),
        (upgrade(), HOTFIX, "with hotfix, only to nothing"),
        (patched([], ["1.0.10"]), TWO, "version: 1.0 cannot be upgraded to 1.0.9 with hotfix, only to 1.0.10"),
        (patched([], ["1.0.1"], hotfix=False), HOTFIX, "does not allow upgradeAutoCommit"),
        (patched([], [], "1.0.1"), {**HOTFIX, **ROLLED_BACK}, "does not list it as one to remove"),
        (upgrade(), {"zones": ["a"]}, "zones: can only be used with state observed"),
        (upgrade(), {**COMMITTED, "zones": ["a"]}, "zones: can only be used with state observed"),
        (upgrade(), {**OBSERVED, "zones": ["c"]}, "zones: the instance has no zone c, only a, b"),
        (upgrade(), {**OBSERVED, "strategy": "inplace"}, "state: observed needs strategy grey"),
        (upgrade(), {**COMMITTED, "strategy": "hotfix"}, "state: committed needs strategy grey"),
        (upgrade(), {**ROLLED_BACK, "strategy": "inplace"}, "cannot be rolled back"),
        (under_way(), {"version": "3.0"}, "to 2.0 is under way"),
        (under_way(), {"strategy": "inplace"}, "to 2.0 is under way"),
        (under_way(), HOTFIX, "to 2.0 is under way"),
        (under_way(), {**COMMITTED, "version": "3.0"}, "to 2.0 is under way"),
        (upgrade(), COMMITTED, "No upgrade of instance orders to 2.0 is under way"),
        (under_way(), COMMITTED, "a of instance orders must be upgraded to 2.0 before"),
        (under_way("a,b", "", commit=False), COMMITTED, "does not allow commit with grey"),
        (upgrade(source_version="2.0"), ROLLED_BACK, "what is committed cannot be rolled back"),
    ],
)
def test_no_way_to_a_version(current: dict[str, Any], params: dict[str, Any], problem: str) -> None:
    with pytest.raises(TpopsError, match=problem):
        plan(current, **params)


@pytest.mark.parametrize("current", [upgrade(commit=False), under_way(commit=False)])
def test_a_check_assumes_that_earlier_tasks_upgrade_all_zones(current: dict[str, Any]) -> None:
    ctx, _item, steps = plan(current, check_mode=True, **COMMITTED)
    assert requests(steps) == [("commit", None)]
    assert "the plan assumes that earlier tasks upgrade all zones" in ctx.warnings[0]


def test_a_check_assumes_no_version_that_does_not_exist() -> None:
    with pytest.raises(TpopsError, match="cannot be upgraded to 3.0"):
        plan(upgrade(), check_mode=True, version="3.0", **COMMITTED)
