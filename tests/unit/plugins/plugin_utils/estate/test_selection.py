# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which instances of a platform a procedure is about."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.selection import (
    restart_options,
    select_instances,
)

INSTANCES = [
    {"name": name, "nodes": [{"id": f"{name}-no", "name": f"{name}_0", "hostname": host, "management_ip": address}]}
    for name, host, address in (
        ("orders", "db-01", "192.0.2.1"),
        ("core-a", "db-02", "192.0.2.2"),
        ("core-b", "db-01", "192.0.2.1"),
    )
]
ESTATE = {
    "instances": [
        {"name": "orders", "tags": ["tier:gold", "east"]},
        {"name": "core-a", "tags": ["tier:gold"]},
        {"name": "core-c"},
        {"name": "gone", "state": "absent"},
    ]
}


def selected(estate: Any = None, **options: Any) -> tuple[list[str], list[str]]:
    """Return the names of what is selected, and of what does not exist."""
    estate = ESTATE if estate is None else estate
    found = select_instances("site-a", INSTANCES, estate, **options)
    assert found["names"] == sorted({"core-a", "core-b", "orders", *(["core-c"] if estate else [])})
    return [each["members"]["site-a"] for each in found["subjects"]], found["missing"]


@pytest.mark.parametrize(
    ("options", "names", "missing"),
    [
        ({}, ["core-a", "orders"], ["core-c"]),
        ({"targets": ["core-*"]}, ["core-a", "core-b"], ["core-c"]),
        # In the order in which they are named.
        ({"targets": ["orders", "core-b"]}, ["orders", "core-b"], []),
        ({"targets": ["gone"]}, [], []),
        ({"tags": ["tier:gold"]}, ["core-a", "orders"], []),
        ({"tags": ["tier:gold", "east"]}, ["orders"], []),
        ({"tags": ["tier:gold"], "targets": ["core-*"]}, ["core-a"], []),
        ({"host": "db-01"}, ["core-b", "orders"], []),
        ({"host": "192.0.2.1"}, ["core-b", "orders"], []),
        ({"host": "core-a_0"}, ["core-a"], []),
        ({"host": "db-01", "targets": ["core-*"]}, ["core-b"], []),
        ({"host": "db-01", "tags": ["east"]}, ["orders"], []),
        ({"host": "db-09"}, [], []),
        ({"estate": {}}, ["core-a", "core-b", "orders"], []),
        ({"estate": {}, "tags": ["east"]}, [], []),
    ],
)
def test_what_is_selected(options: dict[str, Any], names: list[str], missing: list[str]) -> None:
    assert selected(**options) == (names, missing)


def test_which_names_select_nothing() -> None:
    found = select_instances("site-a", INSTANCES, ESTATE, targets=["core-*", "lost", "orders"])
    assert found["matched"] == ["core-*", "orders"]
    # Only what may have been an instance that is not described.
    found = select_instances("site-a", INSTANCES, ESTATE, targets=["core-*", "none-*", "core-c", "orders", "lost"])
    assert [each["host"] for each in found["gone"]] == ["lost@site-a"]


def test_an_instance_is_a_host() -> None:
    known = [
        {"inventory_hostname": "mine", "gaussdb_site": "site-a", "gaussdb_instance_name": "orders"},
        {"inventory_hostname": "other", "gaussdb_site": "site-b", "gaussdb_instance_name": "core-b"},
        {"inventory_hostname": "web-1"},
    ]
    found = select_instances("site-a", INSTANCES, {}, host="db-01", known=known)
    assert [each["host"] for each in found["subjects"]] == ["core-b@site-a", "mine"]
    assert found["subjects"][1] == {
        "host": "mine",
        "site": "site-a",
        "pending": True,
        "members": {"site-a": "orders"},
        "member_site": "site-a",
        "relation": {},
    }


def test_a_slice_has_only_some_instances() -> None:
    known = [
        {"inventory_hostname": "mine", "gaussdb_site": "site-a", "gaussdb_instance_name": "orders"},
        {"inventory_hostname": "other", "gaussdb_site": "site-b", "gaussdb_instance_name": "core-a"},
    ]
    for estate in ({}, ESTATE):
        found = select_instances("site-a", INSTANCES, estate, known=known, known_only=True)
        assert [each["host"] for each in found["subjects"]] == ["mine"]
        # What does not exist is a host of no slice.
        assert found["missing"] == (["core-c"] if estate else [])
    assert not select_instances("site-a", INSTANCES, {}, targets=["core-*"], known=known, known_only=True)["subjects"]


def test_what_is_described_of_a_restart() -> None:
    night, day = ({"from": time, "to": "23:00"} for time in ("22:00", "09:00"))
    estate = {
        "window": night,
        "instance_defaults": {"parameters": {"max_connections": 2000}},
        "instances": [{"name": "orders"}, {"name": "core", "window": day, "parameters": {"work_mem": 8}}],
    }
    assert restart_options(estate, "orders") == {"parameters": {"max_connections": 2000}, "window": night}
    assert restart_options(estate, "core")["window"] == day
    assert restart_options(estate, "other") == {"parameters": {}, "window": night}
    assert restart_options({}, "orders") == {"parameters": {}, "window": {}}
