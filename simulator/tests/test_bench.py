# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench runs, with a small estate; and a large one is loaded and paged quickly."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tpops_simulator import chapters, contract
from tpops_simulator.bench import write_estate
from tpops_simulator.model import estate
from tpops_simulator.model.clock import Clock
from tpops_simulator.model.request import Request
from tpops_simulator.model.site import Site


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the bench reads /proc")
def test_bench(tmp_path):
    command = [sys.executable, "-m", "tpops_simulator.bench", "--hosts", "60", "--instances", "12", "--seconds", "0.05"]
    output = tmp_path / "build" / "bench.json"
    result = subprocess.run([*command, "--output", output], capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 0, result.stderr
    assert "list_hosts" in result.stdout and "MB loaded" in result.stdout
    runs = json.loads(output.read_text())["runs"]
    assert [r["replies_validated"] for r in runs] == [True, False]
    assert {case["kind"] for case in runs[0]["results"]} == {"read", "write"}


def test_a_large_estate(tmp_path):
    """Processor time with a large margin: a test must not depend on other load of the machine."""
    file = tmp_path / "estate.yml"
    write_estate(file, 10_000, 2_000)
    site = Site(clock=Clock(0))
    registry = chapters.load(contract.load().operations)
    begun = time.process_time()
    counts = estate.load(site, estate.read(file))
    assert counts == {"data_centers": 6, "hosts": 10_000, "instances": 2_000}
    assert time.process_time() - begun < 15
    begun = time.process_time()
    for _unused in range(20):
        page = registry.handlers["list_hosts"](site, Request("list_hosts", query={"limit": 10, "offset": 5000}))
        assert (page["total_count"], len(page["hosts"])) == (10_000, 10)
    assert time.process_time() - begun < 1
