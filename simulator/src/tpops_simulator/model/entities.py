# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of a site: plain data, no behaviour beyond simple look-ups.

Times are epoch seconds of the site's clock (UTC); each handler formats them as its section documents them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# Reference 4.9.1: the life of a host.
HOST_INITIALIZING = "initializing"
HOST_INITIALIZED = "initialized"
HOST_INITIALIZE_FAILED = "initialize_failed"
HOST_UNMANAGED = "unmanaged"
HOST_IN_USE = "in_use"
HOST_DELETING = "deleting"
HOST_DELETE_FAILED = "delete_failed"

# The states that handlers of several chapters check; the sister API has more.
ACTIVE = "ACTIVE"
BUILD = "BUILD"
BUILD_FAILED = "BUILD_FAILED"
SHUTDOWN = "SHUTDOWN"
REBOOTING = "REBOOTING"
BACKING_UP = "BACKING UP"
RESTORING = "RESTORING"
UPGRADING = "UPGRADING"
UPGRADE_TO_BE_OBSERVED = "UPGRADE TO BE OBSERVED"
STORAGE_FULL = "STORAGE FULL"


@dataclass
class DataCenter:
    id: str
    name: str
    description: str = ""
    created: float = 0.0


@dataclass
class KeyPair:
    id: str
    name: str
    description: str = ""
    key_algorithms: str = "RSA_3072"
    created: float = 0.0
    # Created on first download: an RSA_4096 key can take a second, and most runs never need it.
    public_key: str | None = None


@dataclass
class Host:
    id: str
    name: str
    manage_ip: str
    data_ip: str = ""
    virtual_ip: str = ""
    float_ip: str = ""
    type: str = "BMS"
    os_type: str = "kylin"
    os_version: str = "V200R010"
    os_arch: str = "x86"
    cpu_spec: str = "intel"
    storage_type: str = "localssd"
    vcpus: str = "64"
    mem: str = "512"
    root_disk_size: str = "480"
    data_disk_size: str = "3200"
    ssh_port: int = 22
    ssh_key_id: str | None = None
    data_center_id: str = ""
    description: str = ""
    status: str = HOST_UNMANAGED
    instance_id: str | None = None
    node_id: str | None = None
    job_id: str | None = None
    error_code: str | None = None
    error_msg: str | None = None
    created: float = 0.0
    updated: float = 0.0


@dataclass
class Component:
    """One process of a node: a coordinator, a data node replica, the cluster manager, etcd, GTM …"""

    id: str
    type: str  # CN, DN, CM, ETCD, GTM
    role: str = "master"
    status: str = "Normal"  # Primary, Standby, Normal, StateLeader, StateFollower, Down
    shard: int | None = None  # number of the shard a DN belongs to
    distributed_id: str | None = None  # what the platform calls that shard
    detail: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Node:
    id: str
    name: str
    role: str = "slave"  # master / slave
    status: str = ACTIVE
    host_id: str | None = None
    manage_ip: str = ""
    data_ip: str = ""
    virtual_ip: str = ""
    az: str = ""
    group: int = 0  # the node group: 0 was created with the instance, each expansion adds others
    arbiter: bool = False  # votes, but holds no data
    components: list[Component] = field(default_factory=list)


@dataclass
class Database:
    name: str
    owner: str = "root"
    character_set: str = "UTF8"
    collate_set: str = "C"
    ctype: str = "C"
    template: str = "template0"
    compatibility: str = "ORA"
    size_mb: float = 0.0
    schemas: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class User:
    name: str
    password: str | None = None  # never returned, never logged; only compared
    attributes: dict[str, Any] = field(default_factory=dict)
    locked: bool = False
    system: bool = False
    privileges: list[dict[str, Any]] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Backup:
    id: str
    instance_id: str
    name: str
    description: str = ""
    type: str = "manual"
    status: str = "BUILDING"
    size_mb: float = 0.0
    begin: float = 0.0
    end: float | None = None
    # The content of the backup, for a restore.
    databases: dict[str, Any] = field(default_factory=dict)
    users: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Instance:
    id: str
    name: str
    status: str = BUILD
    solution: str = "triset"
    mode: str = "centralization_standard"  # or combined, for a distributed one
    version: str = ""
    port: int = 8000
    root_password: str | None = None
    nodes: list[Node] = field(default_factory=list)
    databases: dict[str, Any] = field(default_factory=dict)
    users: dict[str, Any] = field(default_factory=dict)
    roles: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    pending_parameters: dict[str, Any] = field(default_factory=dict)
    backup_policy: dict[str, Any] = field(default_factory=dict)
    backup_config: dict[str, Any] = field(default_factory=dict)
    extension: dict[str, Any] = field(default_factory=dict)
    # Chapters keep their own state under their own name, so that this file rarely changes.
    data: dict[str, Any] = field(default_factory=dict)
    created: float = 0.0
    updated: float = 0.0

    def node(self, node_id: str) -> Node | None:
        return next((n for n in self.nodes if n.id == node_id), None)

    @property
    def master(self) -> Node | None:
        return next((n for n in self.nodes if n.role == "master"), None)
