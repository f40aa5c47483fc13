# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run hands on as statistics, as ``set_stats`` does. AWX keeps them as artifacts, also when the pod is gone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# Bytes of records in the statistics of a run.
LARGEST = 512 * 1024


def small_record(record: Mapping[str, Any], hosts: int = 1) -> dict[str, Any]:
    """Return the record under the key ``record``, or nothing if those of all hosts could be too large together."""
    size = len(json.dumps(record, ensure_ascii=False, indent=4).encode())
    return {"record": dict(record)} if size <= LARGEST // max(hosts, 1) else {}


def statistic(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a result has to contain, so that the run has a statistic. Those of several hosts are merged."""
    return {"ansible_stats": {"data": {name: dict(data)}, "per_host": False, "aggregate": True}}
