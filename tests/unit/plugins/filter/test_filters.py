# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filters for playbooks: connections, names, parts of descriptions."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.gaussdb.tpops.plugins.filter.connection import connection
from ansible_collections.gaussdb.tpops.plugins.filter.file_of_site import file_of_site
from ansible_collections.gaussdb.tpops.plugins.filter.host_name import host_name
from ansible_collections.gaussdb.tpops.plugins.filter.names import names_of
from ansible_collections.gaussdb.tpops.plugins.filter.parts_of_tags import parts_of_tags
from ansible_collections.gaussdb.tpops.plugins.filter.pending import pending
from ansible_collections.gaussdb.tpops.plugins.filter.run_summary import run_summary
from ansible_collections.gaussdb.tpops.plugins.filter.surplus import surplus
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import PARTS
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import CONNECTION

VALUES = {
    "endpoint": "tpops.example.com:8002",
    "username": "automation",
    "password": "s3cret",
    "token": "MIIC",
    "ca_path": "/etc/pki/tpops-ca.pem",
    "validate_certs": False,
    "language": "zh-cn",
    "timeout": 7,
    "retries": 0,
    "busy_timeout": 0,
    "token_cache": False,
}


def test_every_option_of_a_connection_has_its_variable() -> None:
    assert set(VALUES) == {field.name for field in CONNECTION}
    assert connection({f"tpops_{name}": value for name, value in VALUES.items()} | {"tpops_other": 1}) == VALUES


@pytest.mark.parametrize("nothing", [{}, {"tpops_endpoint": None}, {"tpops_endpoint": "", "tpops_ca_path": None}])
def test_what_is_empty_is_left_to_the_environment(nothing: dict[str, Any]) -> None:
    assert connection(nothing) == {}


def test_an_expression_without_a_value_is_no_password() -> None:
    with pytest.raises(AnsibleFilterError, match="^tpops_password refers to a variable that is not defined$"):
        connection({"tpops_password": "{{ vault_tpops_password }}"})


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("orders-prod", "orders-prod@site-a"),
        ("orders.1_b", "orders.1_b@site-a"),
        ("订单", "订单@site-a"),
        (22, "22@site-a"),
    ],
)
def test_an_ordinary_name_is_the_name_of_the_host(name: Any, host: str) -> None:
    assert host_name(name, "site-a") == host
    assert host_name(name) == host.partition("@")[0]


def test_no_two_names_become_one_host() -> None:
    names = [
        "a_b",
        "a/b",
        "a b",
        "a:b",
        "a@b",
        "a,b",
        "a&b",
        "a!b",
        "~a_b",
        "!a_b",
        "&a_b",
        "a[1]",
        "a[2]",
        "a*b",
        "a?b",
        "订单/1",
        "账单/1",
        "",
    ]
    for name in names:
        assert not set(host_name(name, "site-a").removesuffix("@site-a")) & set("/ :@,&!~[]*?")
    assert len({host_name(name, "site-a") for name in names}) == len(names)
    assert host_name("a", "b@c") != host_name("a@b", "c")


def test_the_tags_of_a_run_select_parts() -> None:
    everything = [part.name for part in PARTS]
    assert parts_of_tags(["all"]) == parts_of_tags(["tagged"]) == everything
    assert parts_of_tags(["users", "parameters", "other"]) == ["parameters", "users"]
    assert parts_of_tags(["all"], ["users"]) == [name for name in everything if name != "users"]
    with pytest.raises(AnsibleFilterError, match="select nothing.*users"):
        parts_of_tags(["user"])


def test_each_of_several_platforms_has_its_own_file() -> None:
    assert file_of_site("a/plan.json", "site-a", ["site-a"]) == "a/plan.json"
    assert file_of_site("a/plan.json", "site-a", ["site-a", "site-b"]) == "a/plan-site-a.json"
    assert "/" not in file_of_site("plan.json", "../site", ["../site", "b"])
    assert file_of_site("", "site-a", ["site-a", "site-b"]) == ""


def test_a_run_ends_with_a_line_for_each_instance() -> None:
    lines = {"": "host db-1 new", "orders": "users +1", "cards": "database x new", "ledger": "in step"}
    assert run_summary(lines, "site-a", ["orders", "cards"], ["orders"]) == [
        "site-a: host db-1 new",
        "orders: users +1: done",
        "cards: database x new: NOT DONE",
        "ledger: in step",
    ]


def test_a_newer_version_is_pending() -> None:
    instance = {"status": "ACTIVE", "engine_version": "8.100.0"}
    assert pending({"engine_version": "8.200.0"}, [instance]) == [
        {
            "options": ["engine_version"],
            "line": "upgrade pending 8.100.0 → 8.200.0",
            "playbook": "gaussdb.tpops.upgrade",
        }
    ]
    assert pending({"engine_version": "8.200.0"}, []) == pending({"engine_version": "8.100.0"}, [instance]) == []


def test_only_an_exclusive_list_has_a_surplus() -> None:
    accounts = [{"name": "guest", "attributes": {"login": True}}]
    assert surplus(accounts, "users", {"users": []}) == []
    assert surplus(accounts, "users", {"users_exclusive": True}) == [{"name": "guest"}]
    assert surplus(accounts, "roles", {"roles_exclusive": True}) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("orders", ["orders"]),
        # Whether a name may come twice is a matter of the option.
        (" orders , core-*,, orders ", ["orders", "core-*", "orders"]),
        (["orders", "billing, ledger", None, ""], ["orders", "billing", "ledger"]),
        (22, ["22"]),
        ([2024, True], ["2024", "true"]),
        ("", []),
        (None, []),
        ([], []),
    ],
)
def test_names_are_given_in_several_ways(given: Any, expected: list[str]) -> None:
    assert names_of(given, "gaussdb_target") == expected


@pytest.mark.parametrize("given", [{"name": "orders"}, [["orders"]], ["orders", {"name": "billing"}]])
def test_what_is_not_a_name(given: Any) -> None:
    with pytest.raises(
        AnsibleFilterError, match="^gaussdb_target: names are text, a list of text, or text with commas, not "
    ):
        names_of(given, "gaussdb_target")
