# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: `tpops-simulator`, also `python -m tpops_simulator`."""

from __future__ import annotations

from .command import main

__all__ = ["main"]
