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

# Of each instance. The rest of what the platform lists comes with ``details``.
_INSTANCE = (
    *("id", "status", "running", "busy", "mode", "port", "engine_version", "replica_num"),
    *("private_ips", "data_centers"),
)
_DETAILS = tuple(attr.name for attr in INSTANCE.attrs if attr.name not in (*_INSTANCE, "name", "solution", "nodes"))
_RELATION = {"dr_relation": "name", "dr_role": "acts_as", "dr_status": "status", "dr_protected": "protected"}
_NODE = ("id", "hostname", "role", "status", "private_ip", "data_ip", "management_ip")
# The addresses of a node that a connection can use.
ADDRESSES = ("management_ip", "data_ip", "private_ip", "hostname")
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
    connect_with: str = ADDRESSES[0]


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


def platform_host(site: str, connection: Mapping[str, Any], stale: bool, naming: Naming) -> Host:
    """Return the host of a platform. ``connection`` has its options without secrets."""
    variables = {f"tpops_{name}": value for name, value in connection.items()}
    groups = [PLATFORMS_GROUP, *_if_stale(stale, naming)]
    return Host(site, f"platform {site}", {**variables, **_common("platform", stale, naming)}, groups)


def instance_hosts(
    site: str, instances: Sequence[Mapping[str, Any]], gather: Collection[str], stale: bool, naming: Naming
) -> Iterator[Host]:
    """Yield the hosts of the instances of a platform, those of nodes ``inside`` of them."""
    for instance in instances:
        name = str(instance["name"] or instance["id"])
        fixed = {"gaussdb_site": site, "gaussdb_instance_name": name}
        found = {key: instance[key] for key in (*_INSTANCE, *(_DETAILS if DETAILS in gather else ()))}
        if TOPOLOGY in gather:
            found["solution"] = instance["solution"]
        if RELATIONS in gather:
            relation = instance["relation"] or {}
            found |= {key: relation.get(attribute) for key, attribute in _RELATION.items()}
        variables = {**_prefixed(found, naming), **_common("instance", stale, naming), **fixed}
        groups = [INSTANCES_GROUP, *_groups({**found, "site": site}, naming), *_if_stale(stale, naming)]
        host = Host(host_name(name, site), f"instance {name} ({instance['id']}) of platform {site}", variables, groups)
        host.inside.extend(_node_host(host, fixed, node, stale, naming) for node in instance["nodes"])
        yield host


def _node_host(of: Host, fixed: Mapping[str, str], node: Mapping[str, Any], stale: bool, naming: Naming) -> Host:
    name = str(node["name"] or node["id"])
    found = {**{key: node[key] for key in _NODE}, "data_center": node["availability_zone"]}
    variables = {
        **_prefixed(found, naming),
        **_common("node", stale, naming),
        **fixed,
        "gaussdb_node_name": name,
    }
    if node[naming.connect_with]:
        variables["ansible_host"] = node[naming.connect_with]
    groups = [NODES_GROUP, *_if_stale(stale, naming)]
    return Host(
        f"{host_name(name)}@{of.name}", f"node {name} ({node['id']}) of {of.what}", variables, groups, of.variables
    )


def _prefixed(values: Mapping[str, Any], naming: Naming) -> dict[str, Any]:
    return {f"{naming.vars_prefix}{key}": value for key, value in values.items()}


def _common(kind: str, stale: bool, naming: Naming) -> dict[str, Any]:
    return _prefixed({"kind": kind, "stale": stale}, naming)


def _if_stale(stale: bool, naming: Naming) -> list[str]:
    return [f"{naming.group_prefix}stale"] if stale else []


def _groups(values: Mapping[str, Any], naming: Naming) -> Iterator[str]:
    for key in naming.group_by:
        value = values.get(GROUPS[key])
        for each in value if isinstance(value, list) else [value]:
            if each not in (None, ""):
                yield f"{naming.group_prefix}{key}_{each}"
