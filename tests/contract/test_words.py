# SPDX-License-Identifier: GPL-3.0-or-later
"""The project is written in plain, usual words: none of the words in these tables is in any of its files."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import pytest
from catalogue import ROOT

# A word to avoid, and what to write instead. Case does not matter. Between words there may be a line break, a comment
# sign or an underscore, so that names such as `shall_be` are found, too.
WORDS = {
    "wish(?:ed|es|ing)?": "desired, requested, or 'you want'",
    "loos(?:en|ened|ens|ening)": "waive",
    "men(?:d|ded|ds|ding)": "fix, repair or recover",
    "shall": "should, must or will",
    "(?:should|must|(?:is|are) to) be there": "should exist, must exist",
    "stands? twice": "is listed twice, duplicate",
    "(?:is|are) no (?:text|string|number|list|name)s?": "is not a text, is not a number …",
    "sees? to it": "makes, ensures",
    "held against": "validated against",
    "(?:something else|other|another one|more|less) than (?:was|is|were) asked for": "other than requested",
    "anew": "again",
    "there(?:of|in)": "of it, in it",
    "and the like": "and similar",
    "such a one": "one of this kind",
    "the same holds": "the same applies",
    "it is said": "it is reported",
    "how is it": "status",
}
# The same for the beginning of a line, as it is.
LINES = {r" *(?:- )?name: [\"']?Have (?:an?|the) ": "Create …, or another imperative"}
BETWEEN = r"(?:[\s#]+|_)"
PATTERNS = {
    re.compile(rf"(?<![a-z]){word.replace(' ', BETWEEN)}(?![a-z])", re.IGNORECASE): say for word, say in WORDS.items()
}
PATTERNS |= {re.compile(f"^{line}", re.MULTILINE): say for line, say in LINES.items()}
# Licences, what is generated from the history, and locks.
NOT_OURS = re.compile(r"LICENSE|CHANGELOG\.md$|changelogs/changelog\.yaml$|requirements/.*\.txt$")


def texts() -> Iterator[tuple[str, str]]:
    """Return names and contents of the files under version control, without binary ones and this one."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if not NOT_OURS.match(name) and path.is_file() and not path.samefile(__file__):
            content = path.read_bytes()
            if b"\0" not in content:
                yield name, content.decode("utf-8")


def findings(name: str, text: str) -> Iterator[str]:
    for pattern, say in PATTERNS.items():
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{name}:{line}: {' '.join(match.group().split())!r}: write {say}"


def test_texts_are_in_plain_words() -> None:
    found = [finding for name, text in texts() for finding in findings(name, text)]
    assert not found, "\n".join(["words to avoid:", *found])


@pytest.mark.parametrize(
    "text",
    [
        "the state that it shall have",
        "shall_be = 1",
        "Shall it?",
        "# a text that is\n    # no text",
        "def test_what_is_no_text",
        "is held\nagainst",
        "- name: Have an instance",
        '  name: "Have a user"',
    ],
)
def test_words_are_found(text: str) -> None:
    assert list(findings("file", text))


@pytest.mark.parametrize(
    "text", ["recommended, amends", "a shallow copy", "Wishart", "name: Have I been read", "canew"]
)
def test_parts_of_words_are_not_found(text: str) -> None:
    assert not list(findings("file", text))
