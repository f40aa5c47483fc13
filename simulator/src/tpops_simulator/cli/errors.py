# SPDX-License-Identifier: GPL-3.0-or-later
"""The error that ends a command."""

from __future__ import annotations


class CommandError(Exception):
    """The command failed; the message gives the reason."""
