# SPDX-License-Identifier: GPL-3.0-or-later
"""The same description in another form: with defaults, nulls, numbers as texts, lists as texts, other spellings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import Form, Part, children_of, keys_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import fields_of

Values = dict[str, Any]
# Options that say which object an entry is about: no default could.
_OWN = ("name", "manage_ip", "data_ip", "virtual_ip")


def disguise(draw: Any, estate: Mapping[str, Any]) -> Values:
    """Return a description that means the same."""
    return _Disguise(draw).holder("", estate)


class _Disguise:
    def __init__(self, draw: Any) -> None:
        # Without any of it, the description is the same in the same form.
        self._draw = draw
        self._often = draw(st.integers(0, 3))

    def _does(self) -> bool:
        return self._often > 0 and bool(self._draw(st.integers(0, 9)) > 9 - self._often)

    def holder(self, parent: str, holder: Mapping[str, Any]) -> Values:
        """Return the parts inside of an entry of a part, or of the platform, in another form."""
        found = dict(holder)
        for part in children_of(parent):
            value = holder.get(part.name)
            if value is None:
                if part.name not in holder and self._does():
                    found[part.name] = None
            elif part.form is Form.ONE:
                found[part.name] = self._options(part, value)
            elif isinstance(value, Sequence):
                found[part.name] = [self._options(part, self.holder(part.name, entry)) for entry in value]
                if part.defaults and self._does():
                    self._lift(part, found)
        return found

    def _lift(self, part: Part, holder: Values) -> None:
        """Move values that all entries share to the defaults; an entry may repeat them."""
        entries, inside = holder[part.name], keys_of(part.name)
        first = entries[0] if entries else {}
        shared = {
            name: value
            for name, value in first.items()
            if name not in (*_OWN, *inside) and value is not None and all(each.get(name) == value for each in entries)
        }
        holder[part.defaults] = {name: value for name, value in shared.items() if self._does() or len(entries) > 1}
        holder[part.name] = [
            {name: value for name, value in each.items() if name not in holder[part.defaults] or self._does()}
            for each in entries
        ]

    def _options(self, part: Part, entry: Mapping[str, Any]) -> Values:
        found = dict(entry)
        for each in fields_of(part):
            if each.name not in entry:
                if self._does():
                    found[each.name] = None
            elif self._does():
                words = part.spelled.get(each.name)
                found[each.name] = self._spell(entry[each.name]) if words else self._form(each, entry[each.name])
        return found

    def _spell(self, word: Any) -> Any:
        return self._draw(st.sampled_from((word.lower(), word.upper(), word.capitalize()))) if word else word

    @staticmethod
    def _form(each: Field, value: Any) -> Any:
        """Return a value in another type that Ansible converts to that of the option. Where it converts nothing,
        another type may mean something else: a mode of 640 is not 0640."""
        if each.type == "raw":
            return value
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int):
            return str(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and str(int(value)) == value:
            return int(value)
        if isinstance(value, list) and each.elements in ("str", "int") and value:
            texts = [str(member) for member in value]
            return ",".join(texts) if not any("," in text or text != text.strip() for text in texts) else value
        return value
