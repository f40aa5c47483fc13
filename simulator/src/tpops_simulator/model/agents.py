# SPDX-License-Identifier: GPL-3.0-or-later
"""The management agents of the instances (4.13)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .entities import Instance
from .site import Site
from .versions import version_key

INSTALLED = "gaussdbv5_agent_2.24.01.100"
PACKAGE = "gaussdbv5_agent_2.24.01.130"
COMPLETED, RUNNING, FAILED = "Completed", "Running", "Failed"


@dataclass
class Agent:
    """The agent on all nodes of an instance."""

    version: str = INSTALLED
    status: str = COMPLETED


@dataclass
class Agents:
    """`package` is the version that was uploaded for upgrades; None when none was. `required` are the oldest agents
    that engine versions work with."""

    package: str | None = PACKAGE
    required: dict[str, str] = field(default_factory=dict)
    by_instance: dict[str, Agent] = field(default_factory=dict)

    def of(self, instance: Instance) -> Agent:
        return self.by_instance.setdefault(instance.id, Agent())


def load_agents(site: Site, data: dict[str, Any]) -> None:
    """`agents: {package: gaussdbv5_agent_2.24.01.130, instances: {orders: gaussdbv5_agent_2.24.01.100}}`.

    `package: null` stands for a platform without an uploaded package. With `required: {3.200.0: …_2.24.01.130}` an
    upgrade to that engine version needs an agent that is not older.
    """
    if unknown := set(data) - {"package", "instances", "required"}:
        raise ValueError(f"agents have no {', '.join(sorted(unknown))}")
    known = known_agents(site)
    if "package" in data:
        known.package = None if data["package"] is None else str(data["package"])
    known.required.update({str(engine): str(agent) for engine, agent in (data.get("required") or {}).items()})
    by_name = {instance.name: instance for instance in site.instances.values()}
    for name, version in (data.get("instances") or {}).items():
        if name not in by_name:
            raise ValueError(f"instance {name} does not exist")
        known.of(by_name[name]).version = str(version)


def find_missing(site: Site, instance: Instance, engine_version: str) -> str | None:
    """The agent that the instance needs first for an engine version."""
    known = known_agents(site)
    required = known.required.get(engine_version)
    return required if required and version_key(known.of(instance).version) < version_key(required) else None


def dump_agents(site: Site) -> dict[str, Any]:
    known = known_agents(site)
    versions = {
        instance.name: known.by_instance[instance.id].version
        for instance in site.instances.values()
        if instance.id in known.by_instance and known.by_instance[instance.id].version != INSTALLED
    }
    dumped: dict[str, Any] = {} if known.package == PACKAGE else {"package": known.package}
    return {**dumped, **{k: v for k, v in (("required", dict(known.required)), ("instances", versions)) if v}}


def known_agents(site: Site) -> Agents:
    return site.extension("agents", Agents)
