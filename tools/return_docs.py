# SPDX-License-Identifier: GPL-3.0-or-later
"""The RETURN documentation of the modules, from specs, shapes and ``engine/returns.py``. Needs PyYAML and Ansible.

RETURN cannot use fragments (that needs ansible-core 2.20), and must be before the imports, so it is written into each
module, between two comments.
"""

from __future__ import annotations

import csv
import re
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from plugin_docs import IndentedDumper, import_plugin

from common import ROOT

MODULES = ROOT / "plugins" / "modules"
BEGIN = "# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py."
END = "# RETURN:end"
_BLOCK = re.compile(r"^# RETURN:begin.*?^# RETURN:end$", re.DOTALL | re.MULTILINE)
_WIDTH = 120
_TYPES = {"number": "float"}


class ReturnError(Exception):
    """A spec lacks data for its documentation."""


def module_text(path: Path) -> str:
    """Return the text of a module with its current RETURN."""
    text = path.read_text(encoding="utf-8")
    if not _BLOCK.search(text):
        raise ReturnError(f"{path.name}: no lines '# RETURN:begin' and '{END}' with RETURN between them")
    spec = import_plugin(f"modules.{path.stem}").SPEC
    values = import_plugin("module_utils.engine.returns").return_values(spec, path.stem in _with_jobs())
    try:
        document = {attr.name: described(attr, with_sample=True) for attr in values}
    except ReturnError as error:
        raise ReturnError(f"{path.name}: {error}") from None
    block = f'{BEGIN}\nRETURN = r"""\n{rendered(document)}"""\n{END}'
    return _BLOCK.sub(lambda _match: block, text)


@cache
def _with_jobs() -> frozenset[str]:
    """Return the modules with an operation that starts a job."""
    with (ROOT / "docs" / "operations.tsv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t") if row["job"] not in ("", "-")]
    # The user of gaussdb_api chooses the operation.
    return frozenset({"gaussdb_api", *(name for row in rows for name in row["modules"].replace(",", " ").split())})


def described(attr: Any, with_sample: bool = False) -> dict[str, Any]:
    """Return the documentation of a value, an entry of RETURN."""
    if not attr.doc:
        raise ReturnError(f"{attr.name} is returned and has no doc")
    kind = attr.type or _TYPES.get(attr.kind, attr.kind)
    entry: dict[str, Any] = {"description": attr.doc}
    if attr.returned:
        entry["returned"] = attr.returned
    entry["type"] = kind
    if kind == "list":
        entry["elements"] = attr.elements or ("dict" if attr.shape else "str")
    if attr.shape:
        try:
            entry["contains"] = {each.name: described(each) for each in (*attr.shape.attrs, *attr.shape.added)}
        except ReturnError as error:
            raise ReturnError(f"{attr.name}: {error}") from None
    sample = sample_of(attr) if with_sample else None
    return entry if sample is None else {**entry, "sample": sample}


def sample_of(attr: Any) -> Any:
    """Return the example of a value, its own or that of its shape, including added attributes."""
    if attr.sample is not None or attr.shape is None or attr.shape.sample is None:
        return attr.sample
    added = {each.name: sample_of(each) for each in attr.shape.added}
    sample = {**attr.shape.sample, **{name: value for name, value in added.items() if value is not None}}
    return [sample] if attr.kind == "list" else sample


def rendered(document: Mapping[str, Any]) -> str:
    """Return documentation as YAML of at most 120 characters a line."""
    text = "".join(f"{line}\n" for line in _lines(document, 0))
    if yaml.safe_load(text) != document:
        raise ReturnError("this cannot be written as YAML")
    return text


def _lines(entries: Mapping[str, Any], depth: int) -> Iterator[str]:
    for name, value in entries.items():
        head = f"{' ' * depth}{name}:"
        if name == "sample":
            yield from _sample_lines(head, value, depth)
        elif isinstance(value, Mapping):
            yield head
            yield from _lines(value, depth + 2)
        else:
            yield from _wrapped(f"{head} {_scalar(value)}", depth + 2)


def _sample_lines(head: str, value: Any, depth: int) -> Iterator[str]:
    written = yaml.dump({"sample": value}, Dumper=IndentedDumper, sort_keys=False, width=100, allow_unicode=True)
    first, *others = written.rstrip("\n").split("\n")
    yield head + first.removeprefix("sample:")
    yield from (" " * depth + line for line in others)


def _wrapped(line: str, indent: int) -> list[str]:
    return textwrap.wrap(line, _WIDTH, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)


def _scalar(text: str) -> str:
    """Return a string as YAML, quoted only if necessary."""
    try:
        plain = yaml.safe_load(f"text: {text}") == {"text": text}
    except yaml.YAMLError:
        plain = False
    return text if plain else "'" + text.replace("'", "''") + "'"
