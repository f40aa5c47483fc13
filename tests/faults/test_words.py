# SPDX-License-Identifier: GPL-3.0-or-later
"""A platform that spells its statuses, roles and types differently: every case ends as with the documented spelling.

The words are those that a shape of the collection knows for a value. A platform answers in Chinese if requested, and
not always in the case of the reference.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from cases import Play, every_case
from hostile import replaced
from judge import Judge
from sockets import Reply
from state import differences

from ansible_collections.gaussdb.tpops.plugins.module_utils import api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Operation
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Shape, Words

CASES = every_case()


def chinese(words: Words, word: str) -> str:
    return next((each for each in words.spellings[word] if not each.isascii()), word)


# Spellings of a documented word.
HABITS: Mapping[str, Callable[[Words, str], str]] = {
    "in Chinese": chinese,
    "in capitals": lambda _words, word: f" {word.upper()}",
    "in small letters": lambda _words, word: f"{word.lower()} ",
}


@cache
def words_of_operations() -> Mapping[str, Mapping[str, tuple[Words, ...]]]:
    """Return the enumerations in the reply of each operation, by the key that has the value."""
    found: dict[str, dict[str, tuple[Words, ...]]] = {}
    for info in pkgutil.iter_modules(api.__path__):
        for value in vars(importlib.import_module(f"{api.__name__}.{info.name}")).values():
            if isinstance(value, Operation) and value.shape:
                for key, words in enumerations(value.shape):
                    known = found.setdefault(value.name, {})
                    known[key] = (*known.get(key, ()), words)
    return found


def enumerations(shape: Shape) -> Iterator[tuple[str, Words]]:
    for attr in shape.attrs:
        if attr.words:
            yield from ((source.rpartition(".")[2], attr.words) for source in attr.sources or (attr.name,))
        if attr.shape:
            yield from enumerations(attr.shape)


def test_there_are_words_to_write_otherwise() -> None:
    assert {"get_job", "list_instances", "list_backups", "list_dr_relations", "list_hosts"} <= set(
        words_of_operations()
    )
    assert all(
        chinese(words, word) != word for words in words_of_operations()["get_job"]["status"] for word in words.spellings
    )


@pytest.mark.parametrize("habit", HABITS)
@pytest.mark.parametrize("name", CASES)
def test_a_platform_that_writes_its_words_otherwise(name: str, habit: str, judge: Judge) -> None:
    expected = judge.reference(CASES[name])
    play = Play(judge.platform, CASES[name], judge.folder)
    judge.platform.replace = lambda operation, reply: rewritten(
        words_of_operations().get(operation, {}), HABITS[habit], reply
    )
    try:
        run = play.run()
    finally:
        judge.platform.replace = None
    judge.platform.settle()
    assert not run.failed, run.message
    assert run.changed == expected.first.changed
    assert judge.look().lines == expected.after.lines, differences(expected.after.lines, judge.look().lines)


def rewritten(known: Mapping[str, tuple[Words, ...]], habit: Callable[[Words, str], str], reply: Reply) -> Reply:
    def walk(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {inner: walk(each, inner) for inner, each in value.items()}
        if isinstance(value, list):
            return [walk(each, key) for each in value]
        words = next((each for each in known.get(key, ()) if isinstance(value, str) and value in each), None)
        return habit(words, str(words.find(value))) if words else value

    if not known or not isinstance(reply.body, bytes) or reply.body[:1] not in (b"{", b"["):
        return reply
    return replaced(reply, json.dumps(walk(json.loads(reply.body)), ensure_ascii=False).encode())
