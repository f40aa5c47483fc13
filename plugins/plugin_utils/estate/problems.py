# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with a description, in the words and by the paths of the person who wrote it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.printable import LONGEST_MESSAGE, printable


@dataclass(frozen=True)
class Position:
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. A warning is about what would be refused only if the object had to be created."""

    path: str
    text: str
    warning: bool = False
    # Whether it is about the name of an option, and not about a value.
    about_name: bool = False
    position: Position | None = None

    def __str__(self) -> str:
        return printable(f"{self.path}: {self.located}", LONGEST_MESSAGE)

    @property
    def located(self) -> str:
        """The problem without its path, with file and line as far as they are known."""
        return f"{self.text} ({self.position})" if self.position else self.text

    def as_result(self) -> dict[str, Any]:
        """Return ``path``, ``problem``, ``file`` and ``line``, for programs; the latter two are null when unknown."""
        file, line = (self.position.file, self.position.line) if self.position else (None, None)
        return {"path": self.path, "problem": printable(self.text, LONGEST_MESSAGE), "file": file, "line": line}


def of_error(error: InputError, path: str, others: Sequence[str] = ()) -> Problem:
    """Return the problem that a check of a module reports; ``path`` is where the description has the option at fault,
    ``others`` where it has those that are also concerned."""
    text = error.problem
    if others:
        text = f"{text} (the other{' one is' if len(others) == 1 else 's are'} {', '.join(others)})"
    return Problem(path, f"{text}. {error.hint}" if error.hint else text)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return what to add to the report of an unknown name: the known one that it may stand for."""
    by_case = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(name.casefold(), by_case, n=1, cutoff=0.7)
    return f", did you mean {by_case[close[0]]}?" if close else ""
