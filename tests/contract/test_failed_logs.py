# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make test` shows of a log: the failed part, not the last lines."""

from __future__ import annotations

import sys

from catalogue import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import run_tests

NOISE = [f"noise {number}" for number in range(2000)]
RECAP = "testhost : ok=193  changed=17   unreachable=0    failed={}    skipped=3    rescued=1    ignored=11"
TASK = "TASK [gaussdb_instance : A moment that cannot be restored] ***"
FATAL = 'fatal: [testhost]: FAILED! => {"assertion": "refused.failed", "changed": false, "msg": "Assertion failed"}'


def shown(*lines: str) -> list[str]:
    return run_tests.what_failed("\n".join(lines)).splitlines()


def test_of_a_playbook_the_task_that_failed_in_the_end() -> None:
    meant = ["TASK [Refuse it] ***", 'fatal: [testhost]: FAILED! => {"msg": "as it should be"}', "...ignoring"]
    rescued = ["TASK [Rescued] ***", 'fatal: [testhost]: FAILED! => {"msg": "rescued"}']
    target = [*NOISE, *meant, *NOISE, *rescued, *NOISE, TASK, FATAL, "PLAY RECAP ***", RECAP.format(1)]
    others = [*NOISE, *meant, "PLAY RECAP ***", RECAP.format(0), *NOISE]
    lines = shown(*others, *target, *others)
    assert TASK in lines and FATAL in lines and RECAP.format(1) in lines
    assert not any("rescued" in line or "as it should be" in line for line in lines if line.startswith("fatal"))
    assert len(lines) < 100


def test_each_playbook_that_failed_and_its_colours() -> None:
    lines = shown(
        *NOISE,
        f"\x1b[0;31m{FATAL}\x1b[0m",
        RECAP.format(1),
        *NOISE,
        "failed: [a] (item=b) => {}",
        RECAP.format(2),
        *NOISE,
    )
    assert FATAL in lines and "failed: [a] (item=b) => {}" in lines
    assert [line for line in lines if line.endswith("are left out]")][0] == "[lines 1 to 1975 are left out]"


def test_of_pytest_the_failures_and_the_summary() -> None:
    failures = [
        "=== FAILURES ===",
        "___ test_a ___",
        *[f"detail {number}" for number in range(900)],
        "E   assert 1 == 2",
    ]
    summary = [
        "=== short test summary info ===",
        "FAILED tests/test_a.py::test_a - assert 1 == 2",
        "=== 1 failed, 9 passed in 3 s ===",
    ]
    lines = shown(*NOISE, *failures, "=== slowest durations ===", *NOISE, *summary, *NOISE)
    assert "___ test_a ___" in lines
    assert summary[1] in lines
    assert not any(line.startswith("noise") for line in lines)
    assert len(lines) <= run_tests.MOST_LINES + 5


def test_of_linters_what_they_found() -> None:
    lines = shown(
        *NOISE,
        "ok     ruff (1.0 s)",
        "FAILED shellcheck (0.1 s)",
        "In tools/venv.sh line 3:",
        *NOISE,
        "9 passed, 1 failed",
    )
    assert "In tools/venv.sh line 3:" in lines
    assert "noise 0" in lines and "noise 1000" not in lines
    assert "ERROR: plugins/a.py:1:2: E501: too long" in shown(*NOISE, "ERROR: plugins/a.py:1:2: E501: too long", *NOISE)


def test_the_end_where_nothing_says_what_failed() -> None:
    lines = shown(*NOISE, "the engine is not covered")
    assert lines[-1] == "the engine is not covered"
    assert lines[0] == f"[lines 1 to {len(NOISE) + 1 - run_tests.LAST_LINES} are left out]"
    assert shown("one") == ["one"]
