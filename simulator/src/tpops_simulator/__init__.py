# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that behaves like one GaussDB management platform (TPOPS) site."""

from __future__ import annotations

__version__ = "0.1.0"
