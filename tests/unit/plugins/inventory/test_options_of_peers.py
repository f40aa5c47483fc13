# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the options of other inventory plugins are here: one test for each row of the table in docs/inventory.md, which
says what they do there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError

from ansible_collections.gaussdb.tpops.plugins.filter.host_name import host_name
from ansible_collections.gaussdb.tpops.plugins.inventory import tpops
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reads import open_reads
from ansible_collections.gaussdb.tpops.tests.unit.inventory_support import (
    SECRET,
    FakePlatform,
    World,
    instance,
    make_plugin,
    node,
)
from ansible_collections.gaussdb.tpops.tests.unit.support import Answer, ScriptedServer, TlsFiles

PAGE = Path(__file__).resolve().parents[4] / "docs" / "inventory.md"
HOST = "orders@east.example"

# Options by plugin, as its documentation lists them.
PEERS = {
    "hetzner.hcloud": "plugin api_token api_endpoint group connect_with locations types images label_selector network "
    "status hostvars_prefix hostvars_suffix hostname",
    "theforeman.foreman": "plugin url user password validate_certs group_prefix vars_prefix want_facts want_params "
    "want_hostcollections legacy_hostvars host_filters batch_size use_reports_api foreman report poll_interval "
    "max_timeout want_organization want_location want_ipv4 want_ipv6 want_host_group want_subnet want_subnet_v6 "
    "want_smart_proxies want_content_facet_attributes hostnames",
    "netbox.netbox": "plugin api_endpoint validate_certs cert key ca_path follow_redirects config_context "
    "flatten_config_context flatten_local_context_data flatten_custom_fields token plurals virtual_disks interfaces "
    "site_data prefixes services fetch_all group_by group_names_raw query_filters device_query_filters "
    "vm_query_filters timeout max_uri_length virtual_chassis_name dns_name ansible_host_dns_name compose racks "
    "oob_ip_as_primary_ip rename_variables hostname_field headers",
}

ROWS: dict[str, Callable[..., None]] = {}


def row(first: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Mark the test of the row whose first option is this."""

    def mark(test: Callable[..., None]) -> Callable[..., None]:
        assert first not in ROWS
        ROWS[first] = test
        return test

    return mark


def test_each_option_of_a_peer_is_in_the_table_and_each_row_has_a_test() -> None:
    lines = [line.split("|")[1:-1] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    header = next(index for index, cells in enumerate(lines) if cells[0].strip() == "hetzner.hcloud")
    rows = [[re.findall(r"`(\w+)`", cell) for cell in cells[:3]] for cells in lines[header + 1 :]]
    for column, (peer, options) in enumerate(PEERS.items()):
        assert lines[header][column].strip() == peer
        assert sorted(name for cells in rows for name in cells[column]) == sorted(options.split())
    assert [next(name for cell in cells for name in cell) for cells in rows] == list(ROWS)


@row("plugin")
def test_file_name() -> None:
    plugin = make_plugin()
    verified = {name: plugin.verify_file(str(PAGE.parent / name)) for name in ("estate.md", "nothing.tpops.yml")}
    assert verified == {"estate.md": False, "nothing.tpops.yml": False}


def test_file_name_of_a_configuration(tmp_path: Path) -> None:
    for name, good in (("tpops.yml", True), ("prod.tpops.yaml", True), ("tpops.json", False), ("hosts.yml", False)):
        (tmp_path / name).write_text("")
        assert make_plugin().verify_file(str(tmp_path / name)) is good


@row("api_endpoint")
def test_address(world: World) -> None:
    world.environment(ENDPOINT="from-environment")
    for name in ("from-environment", "from-file", "of-platform"):
        world.add(name)
    assert world.read().hosts == ["from-environment"]
    assert world.read(endpoint="from-{{ where }}", extra={"where": "file"}).hosts == ["from-file"]
    named = [{"name": "east", "endpoint": "of-platform"}, {"name": "west"}]
    found = world.read(endpoint="from-file", platforms=named)
    assert [found.variables(host)["tpops_endpoint"] for host in found.hosts] == ["of-platform", "from-file"]


@row("api_token")
@pytest.mark.parametrize("option", ["password", "token"])
def test_login(world: World, east: FakePlatform, option: str) -> None:
    world.environment(**{option.upper(): f"{SECRET}-of-environment"})
    found = [
        world.read(),
        world.read(**{option: SECRET}),
        world.read(**{option: "{{ secret }}"}, extra={"secret": SECRET}),
    ]
    assert [each[option] for each in east.connections] == [f"{SECRET}-of-environment", SECRET, SECRET]
    assert SECRET not in "".join(each.dump() for each in found)


@row("validate_certs")
def test_certificates(world: World, east: FakePlatform) -> None:
    world.environment(VALIDATE_CERTS="no")
    world.read()
    world.read(validate_certs="{{ 1 == 1 }}", ca_path="{{ folder }}", extra={"folder": str(world.folder)})
    assert [each["validate_certs"] for each in east.connections] == [False, True]
    assert [each["ca_path"] for each in east.connections] == [None, str(world.folder)]
    with pytest.raises(AnsibleError, match="^ca_path: "):
        world.read(ca_path=str(world.folder / "missing"))


@row("cert")
@pytest.mark.parametrize("option", ["cert", "key", "headers"])
def test_what_a_platform_has_not_is_no_option(world: World, east: FakePlatform, option: str) -> None:
    with pytest.raises(AnsibleError, match=f"^{option}: not an option of this plugin"):
        world.read(**{option: "x"})


@row("follow_redirects")
def test_no_redirect_is_followed(
    world: World, server: ScriptedServer, tls: TlsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script = [Answer(302, headers={"Location": f"https://127.0.0.1:{server.port}/elsewhere"})]
    monkeypatch.setattr(tpops, "open_reads", open_reads)
    found = world.read(endpoint=f"127.0.0.1:{server.port}", ca_path=tls.ca, token=SECRET, retries=0)
    assert found.hosts == ["127.0.0.1"] and found.members("gaussdb_stale") == ["127.0.0.1"]
    assert len(server.seen) == 1
    assert "cannot be read" in found.warnings[0] and SECRET not in found.warnings[0]


@row("poll_interval")
def test_timeouts(world: World, east: FakePlatform) -> None:
    # A silent platform delays every run, and more so in an emergency.
    world.read()
    world.environment(TIMEOUT="5", RETRIES="0")
    world.read()
    world.read(timeout="{{ 2 * 3 }}")
    assert [(each["timeout"], each["retries"]) for each in east.connections] == [(10, 1), (5, 0), (6, 0)]


@row("batch_size")
def test_requests_depend_on_no_filter(world: World, east: FakePlatform) -> None:
    east.instances = [instance(f"i-{number}", node(number)) for number in range(250)]
    for filters in ([], [{"include": "gaussdb_instance_name == 'i-1'"}, {"exclude": True}]):
        world.read(gather=["nodes"], filters=filters)
        assert east.requests == ["list_instances"]
        world.forget()


@row("use_reports_api")
@pytest.mark.parametrize("option", ["use_reports_api", "foreman", "report", "legacy_hostvars"])
def test_there_is_one_way_to_say_a_thing(world: World, east: FakePlatform, option: str) -> None:
    with pytest.raises(AnsibleError, match=f"^{option}: not an option of this plugin"):
        world.read(**{option: True})


@row("group")
def test_top_groups(world: World, east: FakePlatform) -> None:
    found = world.read(gather=["nodes"], group_prefix="x_", vars_prefix="x_", group_by=[])
    assert found.groups == {"tpops", "gaussdb_instances", "gaussdb_nodes"}
    assert found.variables(HOST)["gaussdb_site"] == "east.example"
    assert found.data.groups["tpops"].vars["ansible_connection"] == "local"
    assert found.data.groups["gaussdb_instances"].vars["ansible_connection"] == "local"


@row("connect_with")
def test_connect_with(world: World, east: FakePlatform) -> None:
    addresses = {"management_ip": "10.0.0.1", "data_ip": "10.1.0.1", "private_ip": "10.2.0.1", "hostname": "db-1"}
    for option, address in addresses.items():
        found = world.read(gather=["nodes"], connect_with=option)
        assert found.variables(f"n_1@{HOST}")["ansible_host"] == address
        assert "ansible_host" not in found.variables(HOST)
    east.instances[1]["nodes"][1].pop("hostname")
    assert "ansible_host" not in world.read(gather=["nodes"], connect_with="hostname").variables(f"n_1@{HOST}")


@row("locations")
@pytest.mark.parametrize(
    ("filters", "hosts"),
    [
        ([], {"orders", "sales", "n_1", "n_2", "n_3", "n_4"}),
        ([{"exclude": True}], set()),
        ([{"include": True}, {"exclude": True}], {"orders", "sales", "n_1", "n_2", "n_3", "n_4"}),
        ([{"exclude": "gaussdb_status != 'ACTIVE'"}], {"orders", "n_1", "n_2"}),
        ([{"exclude": "'az-2' in gaussdb_data_centers"}], {"orders", "n_1", "n_2"}),
        (
            [{"include": "gaussdb_kind == 'instance'"}, {"exclude": "gaussdb_role != 'master'"}],
            {"orders", "sales", "n_1"},
        ),
        ([{"exclude": "inventory_hostname == 'sales@east.example'"}], {"orders", "n_1", "n_2"}),
        ([{"exclude": "gaussdb_engine_version is version('3.100', '>')"}], set()),
    ],
)
def test_filters(world: World, east: FakePlatform, filters: list[Any], hosts: set[str]) -> None:
    found = world.read(gather=["nodes"], filters=filters)
    # Platforms are never filtered: others need their hosts.
    assert found.hosts[0] == "east.example"
    assert {host.partition("@")[0] for host in found.hosts[1:]} == hosts


@row("hostvars_prefix")
def test_vars_prefix(world: World, east: FakePlatform) -> None:
    found = world.read(vars_prefix="db_", compose={"state_of_it": "db_status"})
    variables = found.variables(HOST)
    assert variables["db_status"] == variables["state_of_it"] == "ACTIVE"
    assert {name for name in variables if not name.startswith("db_")} == {
        *("gaussdb_site", "gaussdb_instance_name", "gaussdb_connection", "state_of_it")
    }
    assert world.read(vars_prefix="").variables(HOST)["status"] == "ACTIVE"


@row("hostname")
@pytest.mark.parametrize(
    ("hostnames", "host"),
    [
        (["{{ gaussdb_instance_name }}.{{ gaussdb_site }}"], "orders.east.example"),
        (["gaussdb_instance_name | upper"], "ORDERS"),
        (["", "{{ nothing }}", "gaussdb_nothing", "gaussdb_running is none", "gaussdb_id"], "id-of-orders"),
        (["gaussdb_nothing"], HOST),
        (["gaussdb_instance_name ~ '@' ~ gaussdb_port"], "orders@8000"),
        (["gaussdb_instance_name ~ ':' ~ gaussdb_port"], host_name("orders:8000")),
    ],
)
def test_hostnames(world: World, east: FakePlatform, hostnames: list[str], host: str) -> None:
    east.instances.pop(0)
    found = world.read(hostnames=hostnames)
    assert found.members("gaussdb_instances") == found.hosts[1:] == [host]
    assert found.variables(host)["gaussdb_instance_name"] == "orders"


def test_hostnames_of_nodes_see_their_instance(world: World, east: FakePlatform) -> None:
    found = world.read(gather=["nodes"], hostnames=["gaussdb_hostname ~ '.' ~ gaussdb_port"])
    assert found.members("gaussdb_nodes") == ["db-1.8000", "db-2.8000", "db-3.8000", "db-4.8000"]
    assert found.members("gaussdb_instances") == [HOST, "sales@east.example"]


def test_hostnames_strict(world: World, east: FakePlatform) -> None:
    with pytest.raises(AnsibleError, match=r"^hostnames\[1\]: gives no name for instance orders "):
        world.read(hostnames=["''", "gaussdb_nothing"], strict=True)


@row("group_prefix")
def test_group_prefix(world: World, east: FakePlatform) -> None:
    assert "db_status_ACTIVE" in world.read(group_prefix="db_").groups
    assert "status_ACTIVE" in world.read(group_prefix="").groups
    east.error = tpops.TpopsError("No")
    assert world.read(group_prefix="db_").members("db_stale") == ["east.example"]


@row("want_organization")
def test_group_by(world: World, east: FakePlatform) -> None:
    found = world.read(group_by=["status", "data_center"])
    assert found.groups == {
        *("tpops", "gaussdb_instances", "gaussdb_status_ACTIVE", "gaussdb_status_FAILED"),
        *("gaussdb_data_center_az_1", "gaussdb_data_center_az_2"),
    }
    with pytest.raises(AnsibleError, match="group_by"):
        world.read(group_by=["colour"])


@row("want_facts")
def test_gather(world: World, east: FakePlatform) -> None:
    least = world.read()
    assert east.requests == ["list_instances"]
    most = world.read(gather=["nodes", "relations", "details"])
    assert east.requests == ["list_instances"] * 2 + ["list_dr_relations"]
    assert set(least.variables(HOST)) < set(most.variables(HOST))
    assert most.variables(HOST)["gaussdb_private_ips"] == []
    assert most.variables(f"n_1@{HOST}")["gaussdb_data_ip"] == "10.1.0.1"
    assert most.variables(f"n_1@{HOST}")["gaussdb_id"] == "node-1"


@row("compose")
def test_constructed(world: World, east: FakePlatform) -> None:
    constructed = """
compose: {dns: "gaussdb_instance_name ~ '.db.example'", what: kind_of_it}
groups: {failed: gaussdb_status == 'FAILED'}
keyed_groups:
  - {key: dns, prefix: dns}
  - {key: gaussdb_status, parent_group: by_status, separator: ""}
  - {key: gaussdb_data_centers}
"""
    found = world.read(constructed, extra={"kind_of_it": "x"})
    assert found.variables(HOST)["dns"] == "orders.db.example"
    assert "what" not in found.variables(HOST)
    assert found.members("failed") == ["sales@east.example"]
    assert found.members("dns_orders_db_example") == found.members("ACTIVE") == [HOST]
    assert [each.name for each in found.data.groups["by_status"].child_groups] == ["ACTIVE", "FAILED"]
    assert found.members("_az_2") == ["sales@east.example"]
    found = world.read(constructed, extra={"kind_of_it": "x"}, use_extra_vars=True, leading_separator=False)
    assert found.variables(HOST)["what"] == "x"
    assert found.members("az_2") == ["sales@east.example"]
    with pytest.raises(AnsibleError, match=f"Could not set what for host {HOST}"):
        world.read(constructed, strict=True)
