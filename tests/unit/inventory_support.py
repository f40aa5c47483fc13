# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inventory plugin in this process, with platforms that answer from data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible import constants
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.doc_fragments import constructed, inventory_cache
from ansible.utils.display import Display

from ansible_collections.gaussdb.tpops.plugins.doc_fragments import platforms
from ansible_collections.gaussdb.tpops.plugins.inventory import tpops
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import CONNECTION
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError

SECRET = "Sentinel-Password-1"
NAME = "gaussdb.tpops.tpops"


def node(number: int, zone: str = "az-1", **more: Any) -> dict[str, Any]:
    """Return a node as the platform lists it."""
    address = f"10.0.0.{number}"
    own = {"id": f"node-{number}", "name": f"n_{number}", "hostname": f"db-{number}", "role": "slave"}
    addresses = {"management_ip": address, "data_ip": f"10.1.0.{number}", "private_ip": f"10.2.0.{number}"}
    return {**own, **addresses, "status": "ACTIVE", "availability_zone": zone, **more}


def instance(name: Any, *nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an instance as the platform lists it."""
    own = {"id": f"id-of-{name}", "name": name, "status": "ACTIVE", "type": "Ha", "port": "8000"}
    return {**own, "datastore": {"type": "GaussDB", "version": "3.200.0"}, "nodes": list(nodes), **more}


@dataclass
class FakePlatform:
    """A platform that has these objects, in the form of its replies."""

    instances: list[dict[str, Any]] = field(default_factory=list)
    relations: list[dict[str, Any]] = field(default_factory=list)
    components: dict[str, Any] = field(default_factory=dict)
    # Why it does not answer.
    error: TpopsError | None = None
    # The operations that it was asked for, and the connections with which.
    requests: list[str] = field(default_factory=list)
    connections: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def items(self, call: Any) -> list[dict[str, Any]]:
        self.requests.append(call.operation.name)
        if self.error:
            raise self.error
        if call.operation.name == "list_components":
            rows = self.components[call.path_args["instance_id"]]
            if isinstance(rows, TpopsError):
                raise rows
        else:
            rows = {"list_instances": self.instances, "list_dr_relations": self.relations}[call.operation.name]
        return [call.operation.shape.read(row) for row in rows]

    def close(self) -> None:
        pass


@dataclass
class Found:
    """What an inventory has."""

    data: InventoryData
    warnings: list[str]

    @property
    def hosts(self) -> list[str]:
        return list(self.data.hosts)

    def variables(self, host: str) -> dict[str, Any]:
        return {name: value for name, value in self.data.hosts[host].vars.items() if not name.startswith("inventory_")}

    def members(self, group: str) -> list[str]:
        return [host.name for host in self.data.groups[group].hosts]

    @property
    def groups(self) -> set[str]:
        return set(self.data.groups) - {"all", "ungrouped"}

    def dump(self) -> str:
        """Return all of it, in its order."""
        groups = {
            name: {
                "hosts": self.members(name),
                "vars": group.vars,
                "children": [each.name for each in group.child_groups],
            }
            for name, group in self.data.groups.items()
        }
        return json.dumps([{name: host.vars for name, host in self.data.hosts.items()}, groups], indent=1)


class World:
    """Platforms by their endpoints, and inventories of them."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.platforms: dict[str, FakePlatform] = {}
        self.warnings: list[str] = []
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(tpops, "open_reads", self._open)
        monkeypatch.setattr(Display, "warning", lambda _self, text, **_more: self.warnings.append(text))
        for each in CONNECTION:
            monkeypatch.delenv(str(each.env), raising=False)

    def add(self, endpoint: str, **what: Any) -> FakePlatform:
        return self.platforms.setdefault(endpoint, FakePlatform(**what))

    def environment(self, **variables: str) -> None:
        for name, value in variables.items():
            self._monkeypatch.setenv(f"GAUSSDB_TPOPS_{name}", value)

    def _open(self, connection: Mapping[str, Any], _connections: int) -> FakePlatform:
        platform = self.platforms[str(connection["endpoint"])]
        platform.connections.append(dict(connection))
        return platform

    def forget(self) -> None:
        self.warnings.clear()
        for platform in self.platforms.values():
            platform.requests.clear()

    @property
    def requests(self) -> list[str]:
        return [name for platform in self.platforms.values() for name in platform.requests]

    def read(self, text: str = "", cache: bool = True, extra: Mapping[str, Any] | None = None, **options: Any) -> Found:
        """Parse a configuration: YAML, and options in addition."""
        path = self.folder / "test.tpops.yml"
        path.write_text(yaml.safe_dump({"plugin": NAME, **(yaml.safe_load(text) or {}), **options}, sort_keys=False))
        loader, data = DataLoader(), InventoryData()
        plugin = make_plugin()
        self._monkeypatch.setattr("ansible.plugins.inventory.load_extra_vars", lambda _loader: dict(extra or {}))
        assert plugin.verify_file(str(path))
        plugin.parse(data, loader, str(path), cache=cache)
        data.reconcile_inventory()
        return Found(data, list(self.warnings))


def make_plugin() -> tpops.InventoryModule:
    """Return the plugin as Ansible's loader makes it."""
    options: dict[str, Any] = {}
    for documented in (constructed.ModuleDocFragment, inventory_cache.ModuleDocFragment, platforms.ModuleDocFragment):
        options |= yaml.safe_load(documented.DOCUMENTATION)["options"]
    options |= yaml.safe_load(tpops.DOCUMENTATION)["options"]
    constants.config.initialize_plugin_configuration_definitions("inventory", "tpops", options)
    plugin = tpops.InventoryModule()
    plugin._load_name, plugin.ansible_name, plugin._redirected_names = "tpops", NAME, [NAME]
    return plugin
