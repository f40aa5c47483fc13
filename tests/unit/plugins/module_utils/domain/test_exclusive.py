# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who would be removed because a list is exclusive."""

from __future__ import annotations

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.exclusive import accounts_of, find_surplus

ACCOUNTS = [
    {"name": "root", "attributes": {"login": True}},
    {"name": "rdsAdmin", "attributes": {"login": True}},
    {"name": "gs_role_copy_files", "attributes": {"login": False}},
    {"name": "guest", "attributes": {"login": True}},
    {"name": "app", "attributes": {"login": True}},
    {"name": "unknown", "attributes": {}},
    {"name": "old_readers", "attributes": {"login": False}},
]


def test_users_and_roles_that_are_not_described_are_surplus_but_not_those_of_the_platform() -> None:
    described = accounts_of({"users": [{"name": "app"}, None], "roles": None})
    assert described == {"app"}
    assert find_surplus("users", ACCOUNTS, described) == ["guest", "unknown"]
    assert find_surplus("roles", ACCOUNTS, described) == ["old_readers"]


def test_a_role_that_is_described_as_a_user_is_not_surplus() -> None:
    assert find_surplus("roles", ACCOUNTS, {"old_readers"}) == []
