# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference's own request examples, sent by curl, are accepted; together they reach every operation."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tpops_simulator.chapters.host_sheet import COLUMNS
from tpops_simulator.http.app import Simulator
from tpops_simulator.http.server import Server, ServerGroup
from tpops_simulator.model import estate, xlsx
from tpops_simulator.model.clock import Clock
from tpops_simulator.model.site import Site

HERE = Path(__file__).parent
PASSWORD = "Simulated-Pw1"
# A row of the host template.
_HOST = [
    *("sheet-1", "BMS", "kylin", "intel", "localssd", "198.51.100.21", "198.51.100.21", "198.51.100.21", "22"),
    *("Test_345612", "", "az_01", "", "false"),
]


@pytest.fixture
def pair(tls):
    clock = Clock(0)
    sites = [Site(name=name, seed=name, clock=clock) for name in ("dc1", "dc2")]
    sites[0].link(sites[1])
    servers = [Server(Simulator(site, admin=True), tls) for site in sites]
    for server, file in zip(servers, ("reference_calls.yml", "reference_calls_peer.yml"), strict=True):
        server.simulator.site.add_user("admin", PASSWORD)
        estate.load(server.simulator.site, estate.read(HERE / file))
    with ServerGroup(servers):
        yield servers


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
def test_examples_of_the_reference_are_accepted(pair):
    environment = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "CA": str(pair[0].tls.ca),
        "PASSWORD": PASSWORD,
        "SITE": f"https://{pair[0].endpoint}",
        "PEER": f"https://{pair[1].endpoint}",
        "SHEET": xlsx.write([COLUMNS, _HOST]).hex(),
        "NO_PROXY": "*",
    }
    command = ["sh", str(HERE / "reference_calls.sh")]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    failed = [line for line in result.stdout.splitlines() if line.startswith("FAILED")]
    assert result.returncode == 0, "\n".join([*failed, result.stderr])
    operations = set(pair[0].simulator.contract.operations)
    reached = {e["operation_id"] for server in pair for e in server.simulator.requests.entries() if e["status"] < 300}
    assert operations - reached == set()
