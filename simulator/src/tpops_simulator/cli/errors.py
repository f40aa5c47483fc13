# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a command ends without having done its work."""

from __future__ import annotations


class CommandError(Exception):
    """The command cannot do what it was asked; the message says why."""
