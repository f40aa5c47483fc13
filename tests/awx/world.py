# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two linked simulated platforms, and a controller with the content of examples/awx for them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import content
import demo_dr
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from walker import Controller, Job, hand_over

import simulator

HOME, AWAY = 0, 1
OLD, NEW = "3.103.0", "3.200.0"
PROD, DR = "orders-prod", "orders-dr"
PREFIX = "GaussDB"
RELATED, EMPTY, LEAVING = "related", "empty", "leaving"
VAULT_KEY = content.PROJECT / "inventories" / "prod" / "vault-password.example"
# Values of secrets that nothing may show: the passwords in the vault of the example, and those of the tests.
ROOT_PASSWORD, PROOF_PASSWORD, CLERK_PASSWORD = "Orders-Root-Sentinel-1", "Proof-Root-Sentinel-1", "Clerk-Sentinel-1"
# A simulated instance has an old transaction, and time is fast.
QUICK = {
    **{
        f"{role}_wait_interval": 1
        for role in (
            *("adopt", "decommission", "expand", "flashback", "node_maintenance", "node_repair", "proof", "restart"),
            *("restore", "rotate_passwords", "upgrade", "zone_force_start"),
        )
    },
    **{f"{role}_transaction_seconds": 31536000 for role in ("node_maintenance", "restart", "upgrade")},
    "upgrade_observe_minutes": 0,
    "upgrade_min_calls": 10,
    "node_repair_patience": 2,
}
FLASHBACK = {"enable_default_ustore_table": "on", "enable_recyclebin": "on", "undo_retention_time": 259200}


def _encrypted(key: str, values: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of a file of variables whose values are encrypted one by one."""
    vault = VaultLib([("default", VaultSecret(key.encode()))])
    for name, value in values.items():
        yield f"{name}: !vault |\n"
        yield from (f"  {line}\n" for line in vault.encrypt(value).decode().splitlines())


def _git(*arguments: str, repository: Path | None = None) -> str:
    own = ["-c", f"safe.directory={repository}", "--git-dir", str(repository)] if repository else []
    done = subprocess.run(["git", *own, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


class World:
    """The platforms, and the controller."""

    def __init__(self, server: simulator.Simulator, environment: Mapping[str, str], folder: Path) -> None:
        self.server = server
        self.sites = demo_dr.sites_of(server)
        self.folder = folder
        self.evidence = folder / "evidence"
        self.project = folder / "project"
        shutil.copytree(content.PROJECT, self.project, dirs_exist_ok=True)
        self.estates = self.project / "inventories" / "prod" / "estates"
        variables = self.project / "inventories" / "prod" / "group_vars" / "all"
        (variables / "simulator.yml").write_text(yaml.safe_dump(QUICK), encoding="utf-8")
        self.sink = folder / "sink.git"
        sink = {"kind": "git", "url": str(self.sink), "folder": "awx", "retries": 1}
        (variables / "sinks.yml").write_text(yaml.safe_dump({"gaussdb_evidence_sink": [sink]}), encoding="utf-8")
        key = VAULT_KEY.read_text(encoding="utf-8").strip()
        secrets = {"vault_orders_root_password": ROOT_PASSWORD, "vault_proof_root_password": PROOF_PASSWORD}
        (variables / "vault.yml").write_text("".join(_encrypted(key, secrets)), encoding="utf-8")
        (folder / "jobs").mkdir()
        credential = {
            "endpoint": self.sites.endpoints[HOME],
            "username": server.username,
            "password": server.password,
            "second_endpoint": self.sites.endpoints[AWAY],
            "second_username": server.username,
            "second_password": server.password,
            "ca": server.ca_path.read_text(encoding="utf-8"),
            "site": "site-a",
            "second_site": "site-b",
        }
        data = content.load("prod", gaussdb_awx_credential_inputs=credential)
        for each in data["credentials"]:
            if each["credential_type"] == "Vault":
                each["inputs"] = {"vault_password": key}
        self.controller = Controller(
            data, self.project, {**environment, "GAUSSDB_EVIDENCE_DIR": str(self.evidence)}, folder / "jobs"
        )
        self.secrets = [server.password, ROOT_PASSWORD, PROOF_PASSWORD, CLERK_PASSWORD, key]
        self.controller.secrets = [each for each in self.secrets if each != key]

    def template(self, name: str) -> str:
        return f"{PREFIX} {name}"

    def launch(self, name: str, **answers: Any) -> Job:
        return self.controller.launch(self.template(name), answers)

    # The platforms

    def reset(self, start: str = "") -> None:
        """Give both platforms what they have at the start, and forget all evidence.

        That is an instance each, as it is described. They are also ``RELATED``, or that of the second site is
        ``EMPTY``, or the first site has one more that is ``LEAVING``.
        """
        shutil.rmtree(self.estates)
        shutil.copytree(content.PROJECT / "inventories" / "prod" / "estates", self.estates)
        shutil.rmtree(self.sink, ignore_errors=True)
        _git("init", "--bare", "--quiet", "--initial-branch=main", str(self.sink))
        if os.geteuid() == 0:
            # Git trusts a repository of its own user only.
            hand_over(self.sink)
        shutil.rmtree(self.evidence, ignore_errors=True)
        self.evidence.mkdir()
        # A volume that every container may write to.
        self.evidence.chmod(0o777)
        for site in (HOME, AWAY):
            for what in ("estate", "faults", "requests"):
                self.sites.admin(site, what, method="DELETE")
            self.sites.admin(site, "site", {"up": True})
        self.clock(speed=600)
        shape = {"version": OLD, "solution": "triset", "password": ROOT_PASSWORD}
        tables = ["items", {"name": "labels", "dropped": True}]
        spare = [{"name": f"spare-{n}", "manage_ip": f"198.51.100.{n}", "data_center": "spare"} for n in (1, 2, 3)]
        prod = {
            **shape,
            "name": PROD,
            "data_center": ["dc1", "dc2", "dc3"],
            "databases": [{"name": "orders", "tables": tables}],
            "parameters": {**FLASHBACK, "recyclebin_retention_time": 900000},
            "backups": [{"name": "full-1", "age_seconds": 3600}],
        }
        users = [{"name": "clerk", "password": CLERK_PASSWORD}]
        old = {"name": "billing", "version": OLD, "solution": "single", "data_center": ["dc1"], "users": users}
        old |= {"password": ROOT_PASSWORD, "backups": [{"name": "full-2", "age_seconds": 3600}]}
        versions = [OLD, NEW]
        instances = [prod, old] if start == LEAVING else [prod]
        self.load(HOME, engine_versions=versions, data_centers=["spare"], hosts=spare, instances=instances)
        databases = {} if start == RELATED else {"databases": [] if start == EMPTY else ["orders"]}
        standby = {**shape, **databases, "name": DR, "data_center": ["dc4", "dc5", "dc6"]}
        self.load(AWAY, engine_versions=versions, instances=[standby])
        if start == RELATED:
            self.relate()
        # Until metrics have been measured.
        self.clock(advance=7200)
        self.forget_requests()

    def relate(self) -> None:
        self.load(AWAY, dr_relations=[{"name": "orders", "master": PROD, "standby": DR}])

    def load(self, site: int, **estate: Any) -> None:
        self.sites.admin(site, "estate", estate)

    def shown(self, site: int = HOME) -> dict[str, Any]:
        """Return what a platform has."""
        return dict(self.sites.admin(site, "estate", method="GET"))

    def instance(self, name: str = PROD, site: int = HOME) -> dict[str, Any]:
        return next((each for each in self.shown(site)["instances"] if each["name"] == name), {})

    def primary(self) -> str:
        """Return the instance that is the primary of the relation, nothing if there is none."""
        found = [each for site in (HOME, AWAY) for each in self.shown(site).get("dr_relations") or ()]
        return str(found[0]["master"]) if found else ""

    def clock(self, **change: float) -> None:
        self.sites.admin(HOME, "clock", change)

    def ago(self, seconds: int) -> str:
        """Return a moment of the platforms' past, in milliseconds."""
        now = datetime.fromisoformat(self.sites.admin(HOME, "clock", method="GET")["now"]).timestamp()
        return str((int(now) - seconds) * 1000)

    def lose(self, site: int) -> None:
        self.sites.admin(site, "site", {"up": False, "mode": "reset"})

    def find_again(self, site: int) -> None:
        self.sites.admin(site, "site", {"up": True})

    def writes(self, site: int = HOME) -> list[str]:
        """Return the writes that a platform has accepted."""
        entries = self.sites.admin(site, "requests", method="GET")["requests"]
        return [entry["operation_id"] for entry in entries if entry["write"] and entry["status"] < 400]

    def forget_requests(self) -> None:
        for site in (HOME, AWAY):
            self.sites.admin(site, "requests", method="DELETE")

    # The description

    def describe(self, site: str = "site-a", instance: str = PROD, **more: Any) -> None:
        """Commit a description of an instance to the project."""
        path = self.estates / site / "instances" / f"{instance}.yml"
        path.write_text(json.dumps({"name": instance, "databases": [{"name": "orders"}], **more}), encoding="utf-8")

    # What is left of jobs

    def unsent(self) -> list[str]:
        """Return the records and pages that the sink does not have."""
        if not self.evidence.exists():
            return []
        kept = {path.name: path for path in self.evidence.iterdir() if path.suffix in (".html", ".json")}
        # Without a commit there is no branch.
        named = _git("for-each-ref", "refs/heads/main", repository=self.sink)
        sent = _git("ls-tree", "-r", "--name-only", "main", repository=self.sink).splitlines() if named else []
        return sorted(set(kept) - {Path(name).name for name in sent})

    def leaks(self, jobs: Iterable[Job]) -> list[str]:
        """Return where a secret is seen: in an inventory, or in what the controller keeps of a job."""
        places = {f"inventory {number}": text for number, text in enumerate(self.controller.imported)}
        found = []
        for job in jobs:
            for part in (job, *job.slices):
                places[f"{part.name}: stdout"] = part.stdout
                places[f"{part.name}: events"] = json.dumps(part.events)
                places[f"{part.name}: artifacts"] = json.dumps(part.artifacts)
            found += [f"{part.name}: {path}" for part in (job, *job.slices) for path in part.leaks]
        for place, text in places.items():
            found += [f"{secret} in {place}" for secret in self.secrets if secret in text]
        return found
