# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about the parts of an estate, from their one table. Needs Ansible."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plugin_docs import import_plugin

PAGE = Path("docs") / "estate.md"
_HEAD = """\
<!-- Made by tools/generate.py from plugins/module_utils/domain/estate.py: run `make generate`. -->
# The parts of an estate

`gaussdb_estate`, or the tree that `gaussdb_estate_dir` names, describes a platform in parts. For each part there is a
module that makes it so, whose options are the keys of the description, and mostly one that returns what the platform
shows of it. `gaussdb.tpops.plan` compares, and `gaussdb.tpops.export` describes, what is shown. What is not shown is a
comment in an export. Secrets are never shown, and neither are options that are only used to create an object, such as
the algorithm of a key pair.

| part | in | module | shown by | not shown |
|---|---|---|---|---|
"""


def parts_page() -> str:
    """Return the page, with a line for each part in the order of the table."""
    table = import_plugin("module_utils.domain.estate")
    return _HEAD + "".join(f"| {' | '.join(_row(part))} |\n" for part in table.PARTS)


def _row(part: Any) -> list[str]:
    hidden = f"{part.hidden[:1].upper()}{part.hidden[1:]}" if part.hidden else ", ".join(map(_code, part.not_shown))
    if part.local:
        local = f"{', '.join(map(_code, part.local))} has IDs, which stand for nothing on another platform"
        hidden = f"{hidden}. {local}" if hidden else local
    shown = _code(part.shown_by) if part.shown_by else ""
    return [_code(part.name), _code(part.parent) if part.parent else "", _code(part.module), shown, hidden]


def _code(name: str) -> str:
    return f"`{name}`"
