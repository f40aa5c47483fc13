# SPDX-License-Identifier: GPL-3.0-or-later
"""What each case sends and returns, line by line, compared with ``__snapshots__``: changes show up in a review.

``make snapshots`` updates them. They do not depend on the machine: the platform's clock, its IDs and its random values
are the same each time.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cases import Play, every_case
from cells import cells
from judge import Judge
from syrupy.assertion import SnapshotAssertion

CASES = every_case()
# Those whose runs with each fault are written down too: one object with a job, and a batch.
FAULTY = ("backup: Create a backup before a release", "user: Create two users")
# What differs each time: the keys of a pair, tokens, the folder for files, and how well a library packs them.
_BY_CHANCE = {
    r"ssh-rsa [^\"\\\s]+": "ssh-rsa KEY",
    r"\b[0-9a-f]{64}\b": "TOKEN",
    r"/[^\"\s]*/files\d+/": "FOLDER/",
    r"\(\d+ bytes\)": "(N bytes)",
}
# Maximum characters of a value. The rest of a longer one is shown as its checksum.
_LONGEST = 300


@pytest.mark.parametrize("name", CASES)
def test_what_a_case_sends_and_returns(name: str, judge: Judge, snapshot: SnapshotAssertion) -> None:
    play = Play(judge.platform, CASES[name], judge.folder)
    begun = len(judge.platform.requests)
    run = play.run()
    assert not run.escaped
    lines = [*requests(judge.platform.requests[begun:]), *(line for result in run.results for line in returned(result))]
    assert "\n".join(lines) == snapshot


@pytest.mark.parametrize("name", FAULTY)
def test_what_each_fault_leads_to(name: str, judge: Judge, snapshot: SnapshotAssertion) -> None:
    """The end of each run, its warnings, the number of requests and the seconds it waits."""
    platform, lines = judge.platform, []
    for operation, times in judge.reference(CASES[name]).operations.items():
        for cell in cells(CASES[name], operation, times):
            play = Play(platform, CASES[name], judge.folder)
            platform.simulator.faults.add_all(cell.rules)
            begun, since = len(platform.requests), platform.loop.time()
            run = play.run()
            effort = f"{len(platform.requests) - begun} requests, {platform.loop.time() - since:.1f} s"
            platform.simulator.faults.clear()
            warned = [text(result["warnings"]) for result in run.results if result.get("warnings")]
            end = f"failed: {text(run.message)}" if run.failed else "changed" if run.changed else "ok"
            lines += [f"{operation} / {cell.fault} / {cell.series}: {effort}: {end}", *warned]
    assert "\n".join(lines) == snapshot


def requests(log: list[Mapping[str, Any]]) -> Iterator[str]:
    """Return a line for each request. One that is repeated until a job is over counts once."""
    before = ""
    for entry in log:
        line = " ".join(
            ["->", str(entry["operation_id"]), *(text(entry[part]) for part in ("query", "body") if entry[part])]
        )
        if line != before:
            yield line
        before = line


def returned(result: Mapping[str, Any]) -> Iterator[str]:
    for key, value in sorted(result.items()):
        if key != "invocation":
            yield f"<- {key}: {text(value)}"


def text(value: Any) -> str:
    whole = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    for pattern, word in _BY_CHANCE.items():
        whole = re.sub(pattern, word, whole)
    if len(whole) <= _LONGEST:
        return whole
    return f"{whole[:_LONGEST]}... {len(whole)} characters, {zlib.crc32(whole.encode()):08x}"
