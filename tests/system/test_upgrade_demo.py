# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The upgrade of a fleet in waves, as `make demo-upgrade` shows it."""

from __future__ import annotations

import json
import re
from collections import Counter

import demo_upgrade
import pytest
from conftest import run_demo

SINGLE = ("intranet", "billing", "reports", "orders", "shipping")
FIRST = ("intranet", "billing", "reports")


@pytest.mark.long
def test_a_fleet_is_upgraded_in_waves_with_one_rolled_back_and_done_again() -> None:
    older = set(demo_upgrade.EVIDENCE.glob("*"))
    output = run_demo("demo_upgrade")
    # Two checks, the waves until the failure and from there, and all of it again.
    assert len(re.findall(r"^\$ ansible-playbook .*gaussdb.tpops.upgrade ", output, re.MULTILINE)) == 5
    new = set(demo_upgrade.EVIDENCE.glob("*")) - older
    records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(new) if path.suffix == ".json"]
    ends = Counter((record["subject"], record["outcome"]) for record in records)
    assert ends == Counter(
        {
            **dict.fromkeys([(name, "done") for name in (*SINGLE, "payments", "ledger")], 1),
            **dict.fromkeys([(name, "unchanged") for name in (*SINGLE, "payments", "ledger")], 1),
            # What the first run has upgraded is verified once more by the next one.
            **dict.fromkeys([(name, "unchanged") for name in FIRST], 2),
            ("payments", "rolled_back"): 1,
        }
    )
    # Nothing of the third wave was begun before the cause was fixed.
    waves = [{record["subject"] for record in records if record["run"] == run} for run in _runs(records)]
    assert waves[:2] == [{*FIRST, "payments"}, {*FIRST, "payments", "orders", "shipping", "ledger"}]
    (pair,) = [record for record in records if (record["subject"], record["outcome"]) == ("ledger", "done")]
    assert pair["members"] == {"site-a": "ledger-north", "site-b": "ledger-south"}
    # In both languages: the pages of instances, and those of a run.
    pages = [path.read_text(encoding="utf-8") for path in new if path.suffix == ".html"]
    languages = Counter((re.findall(r'lang="([^"]+)"', page)[0], 'table class="fleet"' in page) for page in pages)
    assert languages == {("en", False): 11, ("en", True): 2, ("zh-CN", False): 8, ("zh-CN", True): 1}


def _runs(records: list[dict[str, object]]) -> list[object]:
    """Return the runs, in the order of their records."""
    return list(dict.fromkeys(record["run"] for record in records))
