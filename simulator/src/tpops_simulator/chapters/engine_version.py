# SPDX-License-Identifier: GPL-3.0-or-later
"""4.12 engine versions."""

from __future__ import annotations

from typing import Any

from ..model.request import Request
from ..model.site import Site
from ..model.versions import engine_versions


def list_engine_versions(site: Site, request: Request) -> dict[str, Any]:
    """4.12.1."""
    return {"versions": engine_versions(site)}
