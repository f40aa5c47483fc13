# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What failed reads mean."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.read_errors import (
    explain_missing_database,
    explain_no_backup_policy,
    is_policy_refused,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure, ConnectionFailed, TpopsError

REFUSED = ApiFailure("no", code="DBS.200044", status=400)


def context(database: str, found: Any) -> Any:
    return SimpleNamespace(params={"database": database}, parent=Parent("id", "orders"), find=lambda *_given: found)


def test_a_database_is_missing_when_the_list_does_not_have_it() -> None:
    assert explain_missing_database(context("shop", None), REFUSED)
    assert not explain_missing_database(context("shop", {"name": "shop"}), REFUSED)


def test_a_template_database_and_an_answer_that_never_came_say_nothing() -> None:
    assert not explain_missing_database(context("postgres", None), REFUSED)
    assert not explain_missing_database(context("shop", None), ConnectionFailed("nobody there"))


def test_an_instance_without_a_policy_is_told() -> None:
    with pytest.raises(TpopsError, match="Instance orders has no backup policy: no") as caught:
        explain_no_backup_policy(context("", None), ApiFailure("no", code="DBS.280125", status=400))
    assert "XBSA" in caught.value.hint
    assert is_policy_refused(caught.value)
    assert not explain_no_backup_policy(context("", None), REFUSED)
    assert not is_policy_refused(REFUSED)
