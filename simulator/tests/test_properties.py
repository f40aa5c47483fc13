# SPDX-License-Identifier: GPL-3.0-or-later
"""Thousands of generated requests against two linked sites: nothing breaks, and the state stays consistent.

TPOPS_SIMULATOR_REQUESTS sets the number (default 2500, about a minute); `full` means 60000.
TPOPS_SIMULATOR_REQUESTS_SEED selects other requests.
"""

from __future__ import annotations

import json
import logging
import os
from collections import Counter
from random import Random
from typing import Any

import pytest
import requests
from consistency import problems
from generated import ADMIN_PASSWORD, PASSWORD, Call, Generator, contents
from openapi_schema_validator import OAS30ReadValidator

from tpops_simulator.contract import resolve
from tpops_simulator.http.app import Simulator
from tpops_simulator.http.server import Server, ServerGroup
from tpops_simulator.model import estate
from tpops_simulator.model.clock import Clock
from tpops_simulator.model.errors import CATALOGUE
from tpops_simulator.model.site import Site

_WANTED = os.environ.get("TPOPS_SIMULATOR_REQUESTS", "2500")
REQUESTS = 60000 if _WANTED == "full" else int(_WANTED)
SEED = os.environ.get("TPOPS_SIMULATOR_REQUESTS_SEED", "1")
ADVANCES = (1, 30, 61, 700, 4000, 90000)

# Codes of single sections that are missing from the reference's list of errors.
UNLISTED = {"DBS.06020105", "DBS.06010013", "DBS.280270"}


class World:
    """Two linked sites behind real servers, and all failures found."""

    def __init__(self, group: ServerGroup) -> None:
        self.servers = group.servers
        self.sites = [s.simulator.site for s in self.servers]
        self.generators = [Generator(s.simulator.contract, s.simulator.site) for s in self.servers]
        self.http = requests.Session()
        self.http.trust_env = False
        self.tokens = [self._login(server) for server in self.servers]
        self.failures: list[str] = []
        self.calls: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self.refusals: dict[str, Counter[str]] = {}
        self.refill = 0
        self._known_problems: set[str] = set()
        self._validators: dict[tuple[str, int], Any] = {}

    def _login(self, server: Server) -> str:
        body = {"username": "admin", "password": ADMIN_PASSWORD}
        reply = self._send(server, "POST", "/v3/auth/mini-token", json=body)
        return reply.headers["X-Mini-Token"]

    def _send(self, server: Server, method: str, path: str, **options: Any) -> requests.Response:
        url = f"https://{server.endpoint}/rds{path}"
        return self.http.request(method, url, verify=str(server.tls.ca), timeout=60, **options)

    def fill(self) -> None:
        """Keep enough objects alive for the requests."""
        for site in self.sites:
            if sum(i.status == "ACTIVE" for i in site.instances.values()) >= 6 and len(site.data_centers) > 1:
                continue
            self.refill += 1
            estate.load(site, contents(self.refill))

    def send(self, which: int, call: Call) -> None:
        operation = call.operation
        headers = {"X-Mini-Token": self.tokens[which], **({"X-Language": "zh-cn"} if call.chinese else {})}
        options: dict[str, Any] = {"params": call.query, "headers": headers}
        if call.form:
            options["data" if isinstance(call.body, dict) else "json"] = call.body
        elif call.body is not None:
            options["data"] = json.dumps(call.body).encode()
            headers["Content-Type"] = "application/json"
        reply = self._send(self.servers[which], operation.method, _escaped(call.path), **options)
        self.calls[operation.operation_id] += 1
        if reply.status_code == 401:
            self.tokens[which] = self._login(self.servers[which])
        try:
            self._judge(which, call, reply)
        except AssertionError as exc:
            self.failures.append(f"{call}\n  -> {reply.status_code} {reply.text[:600]}\n  {str(exc)[:600]}")

    def _judge(self, which: int, call: Call, reply: requests.Response) -> None:
        operation = call.operation
        assert reply.headers.get("X-Trace-Id"), "no trace ID"
        assert reply.status_code < 500, "a failure that was not injected"
        if reply.status_code >= 400:
            error = reply.json()
            code, text = ("errCode", "externalMessage") if operation.camel_errors else ("error_code", "error_msg")
            assert set(error) == {code, text}, "an error of another shape"
            assert error[code] in CATALOGUE or error[code].startswith("SIM.04") or error[code] in UNLISTED, (
                "an unknown code"
            )
            self.refusals.setdefault(operation.operation_id, Counter())[error[text][:150]] += 1
            assert 0 < len(error[text]) <= 512 and PASSWORD not in reply.text
            return
        assert reply.status_code == operation.success_status, "a status that is not in the contract"
        self.accepted[operation.operation_id] += 1
        if not operation.success_has_body:
            assert not reply.content, "a body where none is expected"
        elif "json" in reply.headers["Content-Type"]:
            errors = [e.message[:200] for e in self._validator(which, operation.operation_id).iter_errors(reply.json())]
            assert not errors, f"outside the contract: {errors[:2]}"

    def _validator(self, which: int, operation_id: str) -> Any:
        """A different validator from the one inside the simulator, so that the two check each other."""
        if (key := (operation_id, which)) not in self._validators:
            generator = self.generators[which]
            operation = generator.contract.operations[operation_id]
            spec = generator.document["paths"][operation.path][operation.method.lower()]
            reply = resolve(generator.document, spec["responses"][str(operation.success_status)])
            schema = resolve(generator.document, reply["content"]["application/json"]["schema"])
            self._validators[key] = OAS30ReadValidator({**schema, "components": generator.document["components"]})
        return self._validators[key]

    def check(self, after: object) -> None:
        for site in self.sites:
            # A lasting problem is reported once, with the request that caused it.
            if found := [p for p in problems(site) if p not in self._known_problems]:
                self._known_problems.update(found)
                self.failures.append(f"{site.name} after {after}:\n  " + "\n  ".join(found[:10]))

    def count(self) -> None:
        """Lists and counters of the API match the content of the sites."""
        for which, site in enumerate(self.sites):
            hosts = Counter(h.data_center_id for h in site.hosts.values())
            for center in self._get(which, "/gaussdb/v3/data-centers", limit=100)["data_centers"]:
                assert center["hosts_num"] == hosts[center["id"]], center
            for path, held in (
                ("/gaussdb/v3/hosts", site.hosts),
                ("/gaussdb/v3.1/instances", site.instances),
                ("/gaussdb/v3/hosts/key-pair", site.key_pairs),
            ):
                reply = self._get(which, path, limit=1)
                assert next(v for k, v in reply.items() if "total" in k) == len(held), path

    def _get(self, which: int, path: str, **query: Any) -> Any:
        headers = {"X-Mini-Token": self.tokens[which]}
        return self._send(self.servers[which], "GET", path, params=query, headers=headers).json()


def _escaped(path: str) -> str:
    return requests.utils.quote(path, safe="/")


@pytest.fixture
def world(tls):
    clock = Clock(0)
    sites = [Site(name=name, seed=name, clock=clock, session_timeout=10**8) for name in ("east", "west")]
    sites[0].link(sites[1])
    for site in sites:
        site.add_user("admin", ADMIN_PASSWORD)
    servers = [Server(Simulator(site, admin=True), tls) for site in sites]
    with ServerGroup(servers) as group:
        made = World(group)
        made.fill()
        relations = [{"name": f"{s}-pair", "master": f"{s}-1", "standby": f"{s}-2"} for s in ("pentaset", "hcs3")]
        estate.load(sites[0], {"dr_relations": relations})
        yield made


class Errors(logging.Handler):
    """Keeps the errors that the simulator logs: a failing timer is not visible in any reply."""

    def __init__(self, kept: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._kept = kept
        self._format = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append(self._format.format(record)[-1500:])


def test_generated_requests(world):
    handler = Errors(world.failures)
    logging.getLogger("tpops_simulator").addHandler(handler)

    chance = Random(SEED)

    def step() -> None:
        which = int(chance.random() < 0.2)
        generator = world.generators[which]
        # Half of them try operations that have not succeeded yet.
        missing = [o for o in generator.operations if o.operation_id not in world.accepted]
        operation = chance.choice(missing if missing and chance.random() < 0.3 else generator.operations)
        call = generator.call(chance, operation)
        world.send(which, call)
        if chance.random() < 0.25:
            site = world.sites[0]
            site.clock.advance(chance.choice(ADVANCES))
            site.advance()
        if chance.random() < 0.03:
            _break_something(world.sites[which], chance)
        world.check(call)
        world.fill()

    try:
        for _unused in range(REQUESTS):
            step()
    finally:
        logging.getLogger("tpops_simulator").removeHandler(handler)
    assert not world.failures, f"{len(world.failures)} failures\n" + "\n".join(world.failures[:20])
    world.count()
    kinds = len(world.generators[0].operations)
    never = sorted(set(world.generators[0].contract.operations) - set(world.accepted))
    print(f"{sum(world.calls.values())} requests, {sum(world.accepted.values())} accepted; never accepted: {never}")
    for operation_id in never:
        print(operation_id, world.refusals.get(operation_id))
    assert len(world.calls) == kinds
    assert len(never) <= kinds // 10, never


def _break_something(site: Site, chance: Random) -> None:
    instances = [i for i in site.instances.values() if i.status in ("ACTIVE", "STORAGE FULL")]
    if instances:
        instance = chance.choice(instances)
        failure = {"instance": instance.id, "node": chance.randrange(len(instance.nodes))}
        estate.load(site, {"node_failures": [{**failure, "recovered": chance.random() < 0.5}]})
        estate.load(site, {"disk_usage": [{**failure, "percent": chance.choice((None, 85, 97))}]})
