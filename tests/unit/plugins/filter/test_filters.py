# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filters for playbooks: connections, names of hosts, descriptions without null."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.gaussdb.tpops.plugins.filter.connection import connection
from ansible_collections.gaussdb.tpops.plugins.filter.given import FilterModule as Given
from ansible_collections.gaussdb.tpops.plugins.filter.host_name import host_name
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


def test_null_is_left_out_at_any_depth_and_nothing_else() -> None:
    data = {
        "name": "x",
        "port": None,
        "policy": {"keep_days": None, "period": []},
        "users": [{"name": "u", "locked": False, "note": ""}, None],
    }
    assert Given().filters()["given"](data) == {
        "name": "x",
        "policy": {"period": []},
        "users": [{"name": "u", "locked": False, "note": ""}, None],
    }
