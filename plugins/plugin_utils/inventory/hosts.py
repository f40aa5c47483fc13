# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The hosts of one platform, from what was read of it. Pure functions, which know nothing of Ansible."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.filter.host_name import host_name
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import INSTANCE

from .reading import DETAILS, RELATIONS, TOPOLOGY

PLATFORMS_GROUP, INSTANCES_GROUP, NODES_GROUP = "tpops", "gaussdb_instances", "gaussdb_nodes"
# Groups that every inventory has.
GIVEN_GROUPS = ("all", "ungrouped", PLATFORMS_GROUP, INSTANCES_GROUP, NODES_GROUP)

# Of each instance and node. The rest of what the platform lists comes with ``details``.
_INSTANCE = ("id", "status", "running", "busy", "mode", "port", "engine_version", "replica_num", "data_centers")
_NODE = ("hostname", "role", "status")
_NODE_DETAILS = ("id", "management_ip", "data_ip", "private_ip")
_DETAILS = tuple(attr.name for attr in INSTANCE.attrs if attr.name not in (*_INSTANCE, "name", "solution", "nodes"))
_RELATION = {"dr_relation": "name", "dr_role": "acts_as", "dr_status": "status", "dr_protected": "protected"}
# The groups of instances: for each, the variable whose values it is named after.
GROUPS = {
    "data_center": "data_centers",
    "dr_role": "dr_role",
    "site": "site",
    "solution": "solution",
    "status": "status",
    "version": "engine_version",
}


@dataclass(frozen=True)
class Naming:
    """How variables and groups are called."""

    # In front of the variables that no playbook needs.
    vars_prefix: str = "gaussdb_"
    # In front of the groups of instances.
    group_prefix: str = "gaussdb_"
    # The groups of instances that are made.
    group_by: Sequence[str] = tuple(GROUPS)
    # The address of a node that becomes ``ansible_host``.
    connect_with: str = "management_ip"


@dataclass(frozen=True)
class Host:
    """One host. ``what`` is it in the words of a message."""

    name: str
    what: str
    variables: dict[str, Any]
    groups: list[str]
    # What templates see in addition: of a node, the variables of its instance.
    around: Mapping[str, Any] = field(default_factory=dict)
    # The nodes of an instance.
    inside: list[Host] = field(default_factory=list)

    @property
    def seen(self) -> dict[str, Any]:
        """What templates see."""
        return {**self.around, **self.variables}


class PlatformHosts:
    """Makes the hosts of one platform. ``connection`` has its options without secrets, and ``stale`` says that what is
    known of it may have changed meanwhile."""

    def __init__(
        self, site: str, connection: Mapping[str, Any], gather: Collection[str], stale: bool, naming: Naming
    ) -> None:
        self._site = site
        self._connection = connection
        self._gather = gather
        self._stale = stale
        self._naming = naming
        self._stale_groups = [f"{naming.group_prefix}stale"] if stale else []
        detailed = DETAILS in gather
        self._of_instance = (*_INSTANCE, *(_DETAILS if detailed else ()))
        self._of_node = (*_NODE, *(_NODE_DETAILS if detailed else ()))

    def platform(self) -> Host:
        """Return the host of the platform itself."""
        options = {f"tpops_{name}": value for name, value in self._connection.items()}
        variables = {**options, **self._variables("platform", {})}
        return Host(self._site, f"platform {self._site}", variables, [PLATFORMS_GROUP, *self._stale_groups])

    def instance(self, instance: Mapping[str, Any]) -> Host:
        """Return the host of an instance, with those of its nodes inside."""
        name = str(instance["name"] or instance["id"])
        found = {key: instance[key] for key in self._of_instance}
        if TOPOLOGY in self._gather:
            found["solution"] = instance["solution"]
        if RELATIONS in self._gather:
            relation = instance["relation"] or {}
            found |= {key: relation.get(attribute) for key, attribute in _RELATION.items()}
        fixed = {"gaussdb_site": self._site, "gaussdb_instance_name": name}
        variables = {**self._variables("instance", found), **fixed, "gaussdb_connection": self._connection}
        groups = [INSTANCES_GROUP, *self._groups({**found, "site": self._site}), *self._stale_groups]
        what = f"instance {name} ({instance['id']}) of platform {self._site}"
        host = Host(host_name(name, self._site), what, variables, groups)
        host.inside.extend(self._node(host, fixed, node) for node in instance["nodes"])
        return host

    def _node(self, of: Host, fixed: Mapping[str, str], node: Mapping[str, Any]) -> Host:
        name = str(node["name"] or node["id"])
        found = {**{key: node[key] for key in self._of_node}, "data_center": node["availability_zone"]}
        variables = {**self._variables("node", found), **fixed, "gaussdb_node_name": name}
        if node[self._naming.connect_with]:
            variables["ansible_host"] = node[self._naming.connect_with]
        what = f"node {name} ({node['id']}) of {of.what}"
        groups = [NODES_GROUP, *self._stale_groups]
        return Host(f"{host_name(name)}@{of.name}", what, variables, groups, of.variables)

    def _variables(self, kind: str, found: Mapping[str, Any]) -> dict[str, Any]:
        values = {**found, "kind": kind, "stale": self._stale}
        return {f"{self._naming.vars_prefix}{key}": value for key, value in values.items()}

    def _groups(self, values: Mapping[str, Any]) -> Iterator[str]:
        for key in self._naming.group_by:
            value = values.get(GROUPS[key])
            for each in value if isinstance(value, list) else [value]:
                if each not in (None, ""):
                    yield f"{self._naming.group_prefix}{key}_{each}"
