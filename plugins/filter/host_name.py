# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: host_name
short_description: Turn any name into the name of an inventory host
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns the name unchanged if it consists of letters, digits, C(_), C(-) and C(.).
  - Other characters, which have a meaning in host patterns and for M(ansible.builtin.add_host), become C(_), and a
    digest of the name is added, so that two names never become the same host.
positional: _input, site
options:
  _input:
    description: The name.
    type: str
    required: true
  site:
    description: Inventory host of the platform. With it the result is C(NAME@SITE).
    type: str
"""

EXAMPLES = r"""
- name: Show the host of an instance
  ansible.builtin.debug:
    msg: "{{ 'orders-prod' | gaussdb.tpops.host_name('site-a') }}"  # orders-prod@site-a
"""

RETURN = r"""
_value:
  description: The name of the host.
  type: str
  sample: orders-prod@site-a
"""

import hashlib
import re
from typing import Any

_ODD = re.compile(r"[^\w.-]")


def host_name(name: Any, site: Any = None) -> str:
    """Return the name of the host for ``name``, at ``site`` if given."""
    return "@".join(_plain(str(part)) for part in (name, site) if part is not None)


def _plain(text: str) -> str:
    plain = _ODD.sub("_", text)
    return plain if plain == text else f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"host_name": host_name}
