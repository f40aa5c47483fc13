# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Visible and hidden attributes of a user."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import database_user as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.modules import gaussdb_user


@pytest.mark.parametrize(
    ("desired", "current", "equal"),
    [
        ({"createdb": True}, {"createdb": True, "login": True}, True),
        ({"createdb": True, "login": None}, {"createdb": False}, False),
        ({"createdb": True, "auditadmin": True}, {"createdb": True, "auditadmin": None}, True),
        # A reply without any attributes is not a reason to set them on every run.
        ({"createdb": True}, None, True),
        ({"createdb": True}, {}, True),
        # A user that does not exist yet has none of them.
        ({"createdb": False}, gaussdb_user.UNKNOWN, False),
        ({}, gaussdb_user.UNKNOWN, True),
    ],
)
def test_attributes_are_compared_if_they_are_shown(desired: Any, current: Any, equal: bool) -> None:
    assert gaussdb_user.same_as_shown(desired, current) is equal


def test_attributes_that_were_neither_compared_nor_set_cause_a_warning() -> None:
    desired = {"attributes": {"auditadmin": True, "createdb": True, "monadmin": None}}
    current = {"attributes": {"createdb": True, "auditadmin": None, "monadmin": None}}
    assert gaussdb_user.hidden_of(Item(desired, "a", current=current)) == ["auditadmin"]
    assert gaussdb_user.hidden_of(Item(desired, "a", current={"attributes": None})) == ["auditadmin", "createdb"]
    assert gaussdb_user.hidden_of(Item(desired, "a", current=current, first_changes={"attributes": {}})) == []
    assert gaussdb_user.hidden_of(Item(desired, "a", current=current, was_absent=True)) == []
    assert gaussdb_user.hidden_of(Item({}, "a", current=current)) == []


def test_root_cannot_be_removed() -> None:
    with pytest.raises(InputError, match=r"users\[0\].name: root"):
        gaussdb_user.keep_root(None, Item({"name": "root"}, "root", "users[0].", present=False))
    gaussdb_user.keep_root(None, Item({"name": "root"}, "root", "users[0]."))


def test_incomplete_replies_are_read() -> None:
    read = api.USER.read(
        {"name": "root", "lock_status": "false", "attribute": {"rolsuper": "false"}, "memberof": '{a,"b"}'}
    )
    assert read["locked"] is False
    assert read["attributes"]["sysadmin"] is False
    assert read["attributes"]["createdb"] is None
    assert read["member_of"] == ["a", "b"]
    assert api.USER.read({"name": "bare"})["attributes"] is None
