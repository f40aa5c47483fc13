# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The texts of an export, and the names of its files and variables. The same platform has the same bytes."""

from __future__ import annotations

import hashlib
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES, children_of, keys_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.printable import LONGEST_LINE, printable

from .export_check import Note
from .export_reading import Secret

WIDTH = 120
# Names that every file system takes and keeps apart from those that are not the same without regard to case.
_FILE_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,98}[A-Za-z0-9_-])?")
# Windows keeps these for itself.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_VARIABLE_STEP = re.compile(r"[A-Za-z0-9_-]+")
# What Ansible would fill in.
_TEMPLATE = re.compile(r"\{\{|\{%|\{#")
_SECRET = re.compile(r'"\{\{ (vault_[A-Za-z0-9_]+) \}\}"')


# Names


def file_names(names: Iterable[str]) -> dict[str, str]:
    """Return the path in the folder for each instance. An odd name gets an addition that depends on nothing else; so
    does a name that another one equals without regard to case, except for the one in small letters."""
    names = list(names)
    shared = Counter(name.casefold() for name in names)
    paths = {}
    for name in names:
        plain = bool(_FILE_NAME.fullmatch(name)) and not _RESERVED.fullmatch(name)
        if not plain or (shared[name.casefold()] > 1 and name != name.casefold()):
            readable = re.sub(r"[^A-Za-z0-9_-]+", "-", name)[:60].strip("-")
            paths[name] = f"{INSTANCES}/{readable or 'instance'}-{_digest(name)}.yml"
        else:
            paths[name] = f"{INSTANCES}/{name}.yml"
    return paths


def secret_names(holders: Iterable[Mapping[str, Any]]) -> dict[tuple[str, ...], str]:
    """Return a variable for each secret, such as ``vault_orders_prod_orders_app_password``. One whose name is odd, or
    the same as another one's, gets an addition."""
    places = list(dict.fromkeys(place for holder in holders for place in _secrets_in(holder)))
    names = {place: "_".join(filter(None, ("vault", *map(_as_variable, place)))) for place in places}
    shared = Counter(names.values())
    return {
        place: name
        if shared[name] == 1 and all(map(_VARIABLE_STEP.fullmatch, place))
        else f"{name}_{_digest(chr(0).join(place))}"
        for place, name in names.items()
    }


def _as_variable(step: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", step).strip("_")


def _secrets_in(value: Any) -> Iterator[tuple[str, ...]]:
    if isinstance(value, Secret):
        yield value.place
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _secrets_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _secrets_in(each)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


# Texts


def render(level: str, holder: Mapping[str, Any], notes: Sequence[Note], names: Mapping[tuple[str, ...], str]) -> str:
    """Return the text of a file: the options of an instance, or nothing for the platform, and the parts, each below
    what cannot be said of it."""
    parts = keys_of(level)
    own = {name: value for name, value in holder.items() if name not in parts}
    blocks = [_block("", own, notes, names)]
    for part in children_of(level):
        blocks.append(_block(part.name, {part.name: holder[part.name]} if part.name in holder else {}, notes, names))
    text = "\n".join(block for block in blocks if block)
    return f"---\n{text}" if holder else f"---\n{text}{{}}\n"


def _block(part: str, values: Mapping[str, Any], notes: Sequence[Note], names: Mapping[tuple[str, ...], str]) -> str:
    said = [note.text if note.text.startswith(part) else f"{part}: {note.text}" for note in notes if note.part == part]
    comments = "".join(f"{line}\n" for text in dict.fromkeys(said) for line in comment(text))
    return comments + (_dump(_filled(values, names)) if values else "")


def comment(text: str) -> list[str]:
    """Return the lines of a comment."""
    line = f"# {printable(text, LONGEST_LINE)}"
    return textwrap.wrap(line, WIDTH, subsequent_indent="#   ", break_on_hyphens=False)


def secrets_of_text(text: str) -> list[str]:
    """Return the variables that a file of an export needs."""
    return _SECRET.findall(text)


def example_of_secrets(names: Iterable[str]) -> str:
    """Return the file that lists the variables of an export, each without a value."""
    return "---\n" + "".join(f"{name}:\n" for name in sorted(set(names)))


class _Template(str):
    """A text that Ansible is to fill in."""


class _Dumper(yaml.SafeDumper):
    """Writes lists as people do, and each value in full."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


_TEXT = "tag:yaml.org,2002:str"


def _represent_text(dumper: yaml.SafeDumper, text: str) -> Any:
    tag = "!unsafe" if _TEMPLATE.search(text) else _TEXT
    # In quotes each line break is an escape sequence, so that one value is one line.
    return dumper.represent_scalar(tag, text, style=None if text.isprintable() else '"')


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(_Template, lambda dumper, text: dumper.represent_scalar(_TEXT, str(text), style='"'))


def _filled(value: Any, names: Mapping[tuple[str, ...], str]) -> Any:
    if isinstance(value, Secret):
        return _Template(f"{{{{ {names[value.place]} }}}}")
    if isinstance(value, Mapping):
        return {key: _filled(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, names) for each in value]
    return value


def _dump(data: Any) -> str:
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=sys.maxsize))
