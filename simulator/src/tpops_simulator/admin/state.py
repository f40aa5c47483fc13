# SPDX-License-Identifier: GPL-3.0-or-later
"""The state that the admin API and the dashboard read."""

from __future__ import annotations

from dataclasses import dataclass

from ..chapters import Registry
from ..contract import Contract
from ..model.site import Site
from .faults import Faults
from .request_log import RequestLog


@dataclass(frozen=True)
class State:
    """One site with its faults and logs. The application assembles it."""

    site: Site
    contract: Contract
    registry: Registry
    faults: Faults
    requests: RequestLog
