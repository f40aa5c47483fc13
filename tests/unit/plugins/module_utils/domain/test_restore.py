# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether an instance can be restored to a moment."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import restore as restores
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure, InputError, TpopsError


class FakeContext:
    """An instance for which the platform reports no moments; its backup policy fails with the code."""

    def __init__(self, policy_code: str | None) -> None:
        self.policy_code = policy_code
        self.warnings: list[str] = []
        self.warn = self.warnings.append

    def items(self, calls: Any) -> Any:
        raise ApiFailure("not for this instance", code="DBS.200001", status=400)

    def item(self, call: Any) -> Any:
        if self.policy_code:
            raise ApiFailure("no policy", code=self.policy_code, status=400)
        return {}


def test_of_an_instance_with_a_backup_system_of_its_own_no_moment_can_be_checked() -> None:
    ctx: Any = FakeContext("DBS.280125")
    restores.check_restore_moment(ctx, "restore_time", 0, "i1", "orders")
    assert ctx.warnings == [
        "restore_time: only the backup system of instance orders knows to which moments it can be restored"
    ]


@pytest.mark.parametrize(("code", "problem"), [(None, "not for this instance"), ("DBS.200002", "no policy")])
def test_of_any_other_one_the_failure_counts(code: str | None, problem: str) -> None:
    with pytest.raises(TpopsError, match=problem):
        restores.check_restore_moment(FakeContext(code), "restore_time", 0, "i1", "orders")  # type: ignore[arg-type]


def test_a_moment_that_is_known_to_be_impossible_is_refused() -> None:
    ctx: Any = SimpleNamespace(items=lambda calls: [], client=SimpleNamespace(now_ms=lambda: 0))
    with pytest.raises(InputError, match="restore_time: instance orders cannot be restored"):
        restores.check_restore_moment(ctx, "restore_time", 0, "i1", "orders")
