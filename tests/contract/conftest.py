# SPDX-License-Identifier: GPL-3.0-or-later
"""What the contract tests compare: the catalogue, the simulator's contract, and the collection's own operations."""

from __future__ import annotations

from catalogue import API, CATALOGUE, CONTRACT, MODULES


def pytest_report_header() -> str:
    named = {module for row in CATALOGUE for module in row.modules}
    return (
        f"catalogue: {len(CATALOGUE)} rows; in the contract: {len(CONTRACT.operations)} operations; in api/: "
        f"{len(API)}; "
        f"modules: {len(named & set(MODULES))} of {len(named)}"
    )
