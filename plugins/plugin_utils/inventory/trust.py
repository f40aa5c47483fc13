# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which texts of an inventory Ansible may evaluate as templates.

Since 2.19 ansible-core evaluates only texts that are marked as trusted, and marks all others when it exports an
inventory. Before, it evaluates all texts but those that are marked as unsafe.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from ansible import template
from ansible.utils.unsafe_proxy import wrap_var

# Nothing in these can be a template, and most values are one of them or a text.
_PLAIN = frozenset({bool, float, int, type(None)})
_MARKER = re.compile(r"\{[{%#]")


def trust(text: str) -> str:
    """Return a text that may be evaluated."""
    marked: str = getattr(template, "trust_as_template", str)(text)
    return marked


def as_data(value: Any) -> Any:
    """Return data of a platform, at any depth, of which nothing is evaluated as a template.

    A text that is no template is the same evaluated or not, so it needs no mark, which would also be in every export.
    """
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        # There are a hundred thousand of these entries.
        return {
            key: entry if type(entry) in _PLAIN else _text(entry) if isinstance(entry, str) else as_data(entry)
            for key, entry in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [as_data(entry) for entry in value]
    return value


# Most texts are in many hosts, and ansible-core takes its time to mark one.
@cache
def _text(value: str) -> str:
    return wrap_var(value) if _MARKER.search(value) else trust(value)
