# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Database users and roles: the platform has both in one list (4.4.13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.context import Context


def is_role(account: Mapping[str, Any]) -> bool:
    """Return whether an account is a role: only users may log in."""
    return (account.get("attributes") or {}).get("login") is False


def describe_user(ctx: Context, account: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [] if is_role(account) else [account]


def describe_role(ctx: Context, account: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [account] if is_role(account) else []
