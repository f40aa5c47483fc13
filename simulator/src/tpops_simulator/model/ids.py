# SPDX-License-Identifier: GPL-3.0-or-later
"""Identifiers determined by a seed."""

from __future__ import annotations

import random
import uuid


class Ids:
    """IDs of objects, of requests and of alarms, each from a separate stream: neither the number of requests nor
    reading the site, which raises alarms, affects the IDs of objects."""

    def __init__(self, seed: str | int) -> None:
        self._objects = random.Random(f"{seed}:objects")
        self._traces = random.Random(f"{seed}:traces")
        self._alarms = random.Random(f"{seed}:alarms")

    def uuid(self) -> str:
        """`2c0f5e1a-7b64-4f0e-9a55-0f7d3a6f1c22`: hosts, data centers, key pairs, jobs."""
        return str(uuid.UUID(int=self._objects.getrandbits(128), version=4))

    def hex(self, digits: int = 32) -> str:
        return f"{self._objects.getrandbits(4 * digits):0{digits}x}"

    def suffixed(self, suffix: str) -> str:
        """32 hexadecimal digits and a suffix: `in14` instance, `no14` node, `br14` backup, `pr14` template."""
        return self.hex() + suffix

    def number(self, low: int, high: int) -> int:
        return self._objects.randint(low, high)

    def trace(self) -> str:
        return f"{self._traces.getrandbits(128):032x}"

    def alarm(self) -> str:
        return str(uuid.UUID(int=self._alarms.getrandbits(128), version=4))
