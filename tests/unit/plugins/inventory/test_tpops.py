# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inventory plugin: hosts, groups, variables, the cache, and platforms that do not answer."""

from __future__ import annotations

import os
from typing import Any

import pytest
from ansible.errors import AnsibleError

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import (
    ApiFailure,
    AuthenticationFailed,
    ConnectionFailed,
)
from ansible_collections.gaussdb.tpops.tests.unit.inventory_support import SECRET, FakePlatform, World, instance, node

TWO = """
username: automation
password: Sentinel-Password-1
platforms:
  - {name: east, endpoint: east.example}
  - {name: west, endpoint: west.example}
"""


@pytest.fixture
def two(world: World) -> World:
    world.add("east.example", instances=[instance("orders", node(1))])
    world.add("west.example", instances=[instance("orders", node(2)), instance("billing", node(3))])
    return world


def test_the_environment_is_enough(world: World, east: FakePlatform) -> None:
    found = world.read()
    assert found.hosts == ["east.example", "orders@east.example", "sales@east.example"]
    assert found.members("tpops") == ["east.example"]
    assert found.members("gaussdb_instances") == ["orders@east.example", "sales@east.example"]
    # One list for the platform, whatever it has.
    assert east.requests == ["list_instances"]
    assert east.connections[0]["password"] == SECRET


def test_an_instance_has_the_variables_that_playbooks_need_and_a_few_more(world: World, east: FakePlatform) -> None:
    assert world.read().variables("sales@east.example") == {
        "gaussdb_site": "east.example",
        "gaussdb_instance_name": "sales",
        "gaussdb_connection": {"endpoint": "east.example"},
        "gaussdb_kind": "instance",
        "gaussdb_stale": False,
        "gaussdb_id": "id-of-sales",
        "gaussdb_status": "FAILED",
        "gaussdb_running": None,
        "gaussdb_busy": False,
        "gaussdb_mode": "centralization_standard",
        "gaussdb_port": 8000,
        "gaussdb_engine_version": "3.200.0",
        "gaussdb_replica_num": None,
        "gaussdb_data_centers": ["az-1", "az-2"],
    }


def test_a_platform_shows_the_options_of_the_file_but_no_secret(world: World) -> None:
    world.environment(CA_PATH=str(world.folder), TIMEOUT="7")
    for name in ("east", "west"):
        world.add(f"{name}.example")
    found = world.read(TWO + "retries: '{{ tries }}'\n", extra={"tries": 2})
    assert found.variables("east") == {
        "gaussdb_kind": "platform",
        "gaussdb_stale": False,
        "tpops_endpoint": "east.example",
        "tpops_retries": 2,
        "tpops_username": "automation",
    }
    assert SECRET not in found.dump()
    used = world.platforms["east.example"].connections[0]
    assert (used["ca_path"], used["timeout"], used["retries"]) == (str(world.folder), 7, 2)


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("https://TPOPS.example:8002/rds", "tpops.example"),
        ("192.0.2.1", "192.0.2.1"),
        ("[2001:db8::1]:8002", "2001_db8__1-5afd19e8"),
    ],
)
def test_without_a_name_a_platform_is_called_like_its_host(world: World, endpoint: str, host: str) -> None:
    world.add(endpoint)
    assert world.read(endpoint=endpoint, token=SECRET).hosts == [host]


def test_platforms_are_read_with_their_own_options(two: World) -> None:
    options = {"platforms": [{"name": "east", "endpoint": "east.example", "password": "{{ east_password }}"}]}
    two.read("username: automation", extra={"east_password": SECRET}, **options)
    assert two.platforms["east.example"].connections[0]["password"] == SECRET


def test_names_of_instances_become_names_that_patterns_pass_over(world: World, east: FakePlatform) -> None:
    names = ["订单", "a.b", "a/b", "10:22", "x@y", "[1:3]", "{{ 1 + 1 }}"]
    east.instances = [instance(name) for name in names]
    found = world.read()
    hosts = {found.variables(host)["gaussdb_instance_name"]: host for host in found.members("gaussdb_instances")}
    assert set(hosts) == set(names)
    assert hosts["订单"] == "订单@east.example"
    assert not set("".join(hosts.values()).replace("@east.example", "")) & set("/:@[]{} ")


def test_nothing_of_a_platform_is_a_template(world: World, east: FakePlatform) -> None:
    east.instances = [instance("{{ 1 + 1 }}")]
    found = world.read("strict: true\ncompose: {copy: gaussdb_instance_name}")
    assert found.variables(found.hosts[1])["copy"] == "{{ 1 + 1 }}"


def test_groups_follow_from_what_was_read(world: World, east: FakePlatform) -> None:
    found = world.read()
    assert found.groups == {
        *("tpops", "gaussdb_instances", "gaussdb_site_east_example", "gaussdb_version_3_200_0"),
        *("gaussdb_status_ACTIVE", "gaussdb_status_FAILED", "gaussdb_data_center_az_1", "gaussdb_data_center_az_2"),
    }
    assert found.members("gaussdb_status_FAILED") == ["sales@east.example"]
    assert found.members("gaussdb_data_center_az_1") == ["orders@east.example", "sales@east.example"]


def relation(name: str, primary: str, standby: str, owner: str, **more: Any) -> dict[str, Any]:
    sides = {"master_region_instance_info": {"instance_id": primary}}
    sides |= {"slave_region_instance_info": {"instance_id": standby}}
    role = "master" if owner == primary else "disaster"
    own = {"id": f"{name}-{owner}", "synchronization_id": name, "name": name, "disaster_role": role}
    return {**own, "status": "normal", "instance_id": owner, **sides, **more}


def test_relations_are_one_more_list(two: World) -> None:
    east, west = two.platforms.values()
    east.relations = [relation("orders", "id-of-orders", "west-orders", "id-of-orders")]
    west.instances[0]["id"] = "west-orders"
    west.relations = [relation("orders", "id-of-orders", "west-orders", "west-orders", status="failover")]
    found = two.read(TWO, gather=["relations"])
    assert found.members("gaussdb_dr_role_primary") == ["orders@east", "orders@west"]
    assert found.variables("orders@west")["gaussdb_dr_status"] == "failover"
    assert found.variables("orders@east")["gaussdb_dr_protected"] is True
    assert found.variables("billing@west")["gaussdb_dr_role"] is None
    assert two.requests == ["list_instances", "list_dr_relations"] * 2


def test_the_topology_is_one_request_for_each_instance(world: World, east: FakePlatform) -> None:
    east.instances[1]["nodes"].pop()
    components = [{"id": "dn_6001", "type": "DN", "distributed_id": "1", "status": "Primary"}]
    east.components = {
        "id-of-orders": [{"id": "node-2", "components": components}],
        "id-of-sales": ApiFailure("The instance is being removed", code="DBS.1"),
    }
    found = world.read(gather=["topology"])
    assert found.members("gaussdb_solution_single") == ["orders@east.example"]
    assert found.variables("sales@east.example")["gaussdb_solution"] is None
    assert found.warnings == [
        "Platform east.example: The topology of sales cannot be read: The instance is being removed"
    ]
    assert sorted(east.requests) == ["list_components", "list_components", "list_instances"]


def test_nodes_are_hosts_of_their_own_group(world: World, east: FakePlatform) -> None:
    found = world.read(gather=["nodes"])
    hosts = [f"n_{number}@{name}@east.example" for number, name in ((1, "orders"), (2, "orders"), (3, "sales"))]
    assert found.members("gaussdb_nodes") == [*hosts, "n_4@sales@east.example"]
    assert found.variables(hosts[0]) == {
        "ansible_host": "10.0.0.1",
        "gaussdb_site": "east.example",
        "gaussdb_instance_name": "orders",
        "gaussdb_node_name": "n_1",
        "gaussdb_kind": "node",
        "gaussdb_stale": False,
        "gaussdb_hostname": "db-1",
        "gaussdb_role": "master",
        "gaussdb_status": "ACTIVE",
        "gaussdb_data_center": "az-1",
    }
    assert east.requests == ["list_instances"]
    # Groups such as gaussdb_status_ACTIVE hold instances only.
    assert found.members("gaussdb_status_ACTIVE") == ["orders@east.example"]


# The cache

CACHED = "cache: true\ncache_plugin: jsonfile\ncache_connection: {folder}\n"


def cached(world: World) -> str:
    return CACHED.format(folder=world.folder / "cache")


def test_a_cached_run_sends_nothing_and_finds_the_same(two: World) -> None:
    two.platforms["east.example"].instances.append(instance("{{ 1 + 1 }} 订单", node(9)))
    config = TWO + cached(two) + "gather: [nodes, relations, details]\n"
    live = two.read(config).dump()
    two.forget()
    # Another filter or name needs no new reads.
    assert two.read(config, filters=[{"exclude": "gaussdb_site == 'west'"}]).dump() != live
    assert two.read(config).dump() == live
    assert two.requests == []
    assert SECRET not in "".join(path.read_text() for path in (two.folder / "cache").iterdir())


def test_what_was_read_otherwise_is_read_again(two: World) -> None:
    config = TWO + cached(two)
    two.read(config)
    two.forget()
    two.read(config, gather=["nodes"])
    two.read(config.replace("east.example", "west.example"))
    assert two.requests == ["list_instances"] * 3
    two.forget()
    two.read(config, cache=False)
    assert two.requests == ["list_instances"] * 2


@pytest.mark.parametrize(
    "error", [ConnectionFailed("Cannot connect"), AuthenticationFailed("Wrong password"), ApiFailure("HTTP 500")]
)
def test_a_platform_that_cannot_be_read_keeps_its_cached_hosts(two: World, error: Any) -> None:
    config = TWO + cached(two) + "gather: [nodes]\n"
    before = two.read(config)
    assert before.variables("orders@west")["gaussdb_stale"] is False
    two.platforms["west.example"].error = error
    two.platforms["east.example"].instances.append(instance("new"))
    found = two.read(config, cache=False)
    assert [name for name in found.hosts if "west" in name] == [name for name in before.hosts if "west" in name]
    assert found.members("gaussdb_stale") == [name for name in found.hosts if "west" in name]
    assert found.variables("orders@west")["gaussdb_stale"] is True
    assert found.variables("west")["gaussdb_stale"] is True
    assert "new@east" in found.hosts and found.variables("new@east")["gaussdb_stale"] is False
    assert found.warnings == [f"Platform west cannot be read: {error}; its cached hosts are marked as stale"]


def test_an_expired_cache_is_still_good_for_a_platform_that_is_down(two: World) -> None:
    config = TWO + cached(two)
    two.read(config)
    for path in (two.folder / "cache").iterdir():
        os.utime(path, (1, 1))
    two.forget()
    two.platforms["west.example"].error = ConnectionFailed("Cannot connect")
    assert "billing@west" in two.read(config).members("gaussdb_stale")
    assert two.requests == ["list_instances"] * 2
    # The other platform is in the cache again, and this one is tried again.
    two.forget()
    two.platforms["west.example"].error = None
    assert "gaussdb_stale" not in two.read(config).groups
    assert two.platforms["east.example"].requests == []
    assert two.platforms["west.example"].requests == ["list_instances"]


def test_without_a_cache_only_the_host_of_the_platform_stays(two: World) -> None:
    two.platforms["west.example"].error = ConnectionFailed("Cannot connect")
    found = two.read(TWO)
    assert found.hosts == ["east", "orders@east", "west"]
    assert found.members("gaussdb_stale") == ["west"]
    assert found.warnings == [
        "Platform west cannot be read: Cannot connect; it is in the inventory without its instances"
    ]


def test_strict_platforms_makes_it_an_error(two: World) -> None:
    two.platforms["west.example"].error = ConnectionFailed("Cannot connect")
    with pytest.raises(AnsibleError, match="Platform west cannot be read: Cannot connect. strict_platforms: false"):
        two.read(TWO + cached(two), strict_platforms=True)


# Bad input


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gathr": ["nodes"]}, "^gathr: not an option of this plugin"),
        ({"gather": ["nods"]}, "nods"),
        ({"connections": 0}, "^connections: "),
        ({"vars_prefix": "a-"}, "^vars_prefix: must begin with a letter"),
        ({"filters": [{"include": True, "exclude": True}]}, r"^filters\[0\]: must be a dictionary with one key"),
        ({"filters": ["gaussdb_port"]}, r"^filters\[0\]: must be a dictionary with one key"),
        ({"filters": [{"exclude": "gaussdb_prot == 1"}]}, r"^filters\[0\].exclude: cannot be evaluated for instance "),
        ({"filters": [{"exclude": "gaussdb_port"}]}, r"^filters\[0\].exclude: cannot be evaluated for instance "),
        ({"platforms": [{"endpoint": "x"}]}, r"^platforms\[0\].name: required"),
        ({"platforms": []}, "^platforms: must not be an empty list"),
        ({"platforms": ["east"]}, r"^platforms\[0\]: must be a dictionary"),
        ({"platforms": [{"name": "a:b", "endpoint": "x"}]}, r"^platforms\[0\].name: must consist of letters"),
        ({"platforms": [{"name": "tpops", "endpoint": "x"}]}, r"^platforms\[0\].name: tpops is a group"),
        ({"endpoint": "tpops:8002"}, r"^platforms\[0\].name: tpops is a group"),
        ({"platforms": [{"name": "a", "endpont": "x"}]}, r"endpont.*\(platforms\[0\]\)"),
        ({"platforms": [{"name": "a", "endpoint": "x", "timeout": "soon"}]}, r"'timeout'.*\(platforms\[0\]\)"),
        (
            {"platforms": [{"name": "a", "endpoint": "http://x"}]},
            r"^platforms\[0\].endpoint: must not be an http:// address",
        ),
        ({"platforms": [{"name": "a", "password": "{{ nothing }}"}]}, r"^platforms\[0\].password: refers to a vari"),
        ({"timeout": "{{ 1 / }}"}, "^timeout: cannot be evaluated: its template is wrong"),
        ({"timeout": 0}, "^timeout: "),
        ({"platforms": [{"name": "a", "endpoint": "x"}] * 2}, r"^platforms\[1\].name: a is listed twice"),
    ],
)
def test_bad_input_is_an_error_that_names_the_option(
    world: World, east: FakePlatform, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(AnsibleError, match=message) as caught:
        world.read(password=SECRET, **options)
    assert SECRET not in str(caught.value)
    if not str(options).startswith("{'filters': [{'exclude'"):
        assert east.requests == []


def test_an_address_is_required(world: World) -> None:
    with pytest.raises(AnsibleError, match="^endpoint: the address of the platform is not set"):
        world.read()


def test_two_instances_never_share_a_host(world: World, east: FakePlatform) -> None:
    east.instances.append(instance("orders", id="another"))
    with pytest.raises(AnsibleError, match=r"^orders@east.example would be the host of instance orders \(another\)"):
        world.read()
    found = world.read(hostnames=["gaussdb_id ~ '@' ~ gaussdb_site"])
    assert "another@east.example" in found.hosts
