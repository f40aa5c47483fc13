# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics of appendix A.4: name, unit, and the form of their values.

The appendix lists names; units are shown for one group only, the others are the simulator's. Two loads of the CPU
(5 and 15 minutes) have no name there and are left out.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

from ..data import read_table

HOST, DN, CN, GTM, ETCD, CM, CMA, INSTANCE, DR = "host", "DN", "CN", "GTM", "ETCD", "CM", "CMA", "instance", "dr"
# The nodes that applications use: coordinators of a distributed instance, data nodes of a centralized one.
WORK = "work"
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Metric:
    """One metric. Its values lie between `low` and `high` and follow the day; equal bounds make a constant.

    With `base` they are `offset + factor * base`, so that shares of a whole add up. `scope` is the kind of
    object that has the metric.
    """

    name: str
    unit: str
    scope: str
    low: float = 0.0
    high: float = 0.0
    base: str | None = None
    factor: float = 1.0
    offset: float = 0.0

    @property
    def measured(self) -> str:
        """The name of the measured metric, if this one is derived from another."""
        return self.base or self.name

    def value(self, key: str, moment: int, known: float | None = None) -> float:
        """The value of one dimension at a moment (epoch milliseconds); always the same for the same arguments.

        `known` is the value from the state of the site, if available.
        """
        if self.base is not None:
            whole = METRICS[self.base].value(key, moment) if known is None else known
            return round(self.offset + self.factor * whole, 2)
        if known is not None:
            return known
        if self.low == self.high:
            return self.low
        seed = zlib.crc32(f"{self.name}:{key}".encode())
        wave = math.sin(2 * math.pi * ((moment / DAY_MS) + (seed % 97) / 97))
        noise = _hash(seed, moment // 1000) / 0xFFFFFFFF
        share = 0.5 + 0.3 * wave + 0.4 * (noise - 0.5)
        value = self.low + (self.high - self.low) * min(max(share, 0.0), 1.0)
        return float(round(value)) if self.unit == "Count" and self.high > 1 else round(value, 2)


def _hash(seed: int, number: int) -> int:
    mixed = (seed ^ (number * 0x9E3779B1)) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    return mixed ^ (mixed >> 13)


RPO, RTO = "rds176_streaming_dr_rpo", "rds177_streaming_dr_rto"
DISK = "sys065_disk_usage"

GROUPS: dict[str, tuple[Metric, ...]] = {
    group: tuple(Metric(**row) for row in rows) for group, rows in read_table("metrics").items()
}
METRICS: dict[str, Metric] = {metric.name: metric for group in GROUPS.values() for metric in group}
