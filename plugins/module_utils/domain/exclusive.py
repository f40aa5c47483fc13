# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an instance has besides what is described, where its description says that there should be nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .account import is_role
from .estate import MADE_ACCOUNTS


def find_surplus(part: str, accounts: Iterable[Mapping[str, Any]], described: Iterable[str]) -> list[str]:
    """Return the names of the ``users`` or ``roles`` that are not described, in order.

    The platform lists both together. Only users may log in; what does not show whether it may is taken for a user.
    Accounts of the platform and of the engine are never meant.
    """
    kept = set(described)
    surplus = (entry for entry in accounts if entry["name"] not in kept)
    names = (str(entry["name"]) for entry in surplus if ("roles" if is_role(entry) else "users") == part)
    return sorted(name for name in names if not re.fullmatch(MADE_ACCOUNTS, name))


def accounts_of(described: Mapping[str, Any]) -> set[str]:
    """Return the names of the users and roles in the description of an instance."""
    entries = (entry for part in ("users", "roles") for entry in described.get(part) or ())
    return {str(entry["name"]) for entry in entries if entry and entry.get("name")}
