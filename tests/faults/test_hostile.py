# SPDX-License-Identifier: GPL-3.0-or-later
"""For any answer of a platform, a task ends in time with a clear result, and never reports undone work as done.

Each operation of the modules gets each shape, from the first request to the last. A write is tried twice: once the
platform has executed it and only its reply is odd, and once it has not, so "ok" is wrong if the reply is ``broken``.
``internal_errors`` counts bugs, bad messages and endless runs; ``false_ok`` counts wrong results.
"""

from __future__ import annotations

import fnmatch
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from cases import MODULES, Case, Play, cases
from cells import operations
from hostile import BROKEN, LIES, REFUSED, Shape
from judge import Judge, Verdict, check_texts
from limits import memory
from shapes import SHAPES
from sockets import Reply, TooMuch
from state import differences
from test_inputs import patience
from virtual import Runaway

_REPLIES: dict[tuple[str, str], Reply] = {}
_ACTED, _LOST = "acted", "not acted"


@cache
def _cases() -> tuple[Case, ...]:
    """Cases of modules that write come first: they are more important."""
    return tuple(case for module in sorted(MODULES, key=lambda name: name.endswith("_info")) for case in cases(module))


def _case_of(judge: Judge, operation: str) -> Case:
    found = [case for case in _cases() if operation in judge.reference(case).operations]
    # A case that sends a write: a misread read-back would make it send one too many.
    return next((case for case in found if judge.reference(case).first.changed), found[0])


@pytest.mark.parametrize("operation", operations())
def test_an_operation_with_every_shape(
    operation: str, judge: Judge, share: float, wanted: str, record_property: Callable[[str, Any], None]
) -> None:
    counts: Counter[str] = Counter()
    seen: set[str] = set()
    failures: list[str] = []
    case = _case_of(judge, operation)
    for name, shape, acted in _trials(operation, share):
        if not fnmatch.fnmatchcase(name, wanted):
            continue
        seen.add(shape.name)
        problems = _try(judge, case, operation, shape, acted).problems
        for counter in dict.fromkeys(counter for counter, _text in problems):
            counts[counter] += 1
        failures += [f"{name}: {counter}: {text}" for counter, text in problems]
    for counter, count in counts.items():
        record_property(counter, count)
    record_property("shapes", sorted(seen))
    if failures:
        pytest.fail("\n".join(failures), pytrace=False)


def _trials(operation: str, share: float) -> Iterator[tuple[str, Shape, bool]]:
    for shape in SHAPES.values():
        for acted in (True,) if operations()[operation].read else (True, False):
            name = f"{operation} / {shape.name} / {_ACTED if acted else _LOST}"
            if zlib.crc32(name.encode()) < share * 2**32:
                yield name, shape, acted


def _genuine(judge: Judge, case: Case, operation: str) -> Reply:
    """Return the platform's real answer to a request that it will never receive."""
    key = case.name, operation
    if key not in _REPLIES:
        play = Play(judge.platform, case, judge.folder)
        said: list[Reply] = []

        def note(called: str, reply: Reply) -> Reply:
            said.extend([reply] if called == operation else [])
            return reply

        judge.platform.replace = note
        play.run()
        _REPLIES[key] = said[0]
    return _REPLIES[key]


def _says_the_same(one: Reply, other: Reply) -> bool:
    """Whether two replies are the same, or both are an empty success, which is the answer of many writes."""
    return one == other or (_holds_nothing(one) and _holds_nothing(other))


def _holds_nothing(reply: Reply) -> bool:
    return (
        reply.status in range(200, 300)
        and isinstance(reply.body, bytes)
        and reply.body.strip() in (b"", b"{}", b"null")
    )


def _try(judge: Judge, case: Case, operation: str, shape: Shape, acted: bool) -> Verdict:
    verdict = Verdict()
    expected = judge.reference(case)
    said = None if acted else _genuine(judge, case, operation)
    if said and _says_the_same(said, shape.change(said)):
        # That would be a platform that reports success and does nothing.
        return verdict
    play = Play(judge.platform, case, judge.folder)

    def replace(called: str, reply: Reply) -> Reply:
        return shape.change(reply) if called == operation else reply

    judge.platform.replace = replace
    if said:
        judge.platform.answer = lambda called: (
            Reply(said.status, said.headers, said.body) if called == operation else None
        )
    try:
        with patience(), memory():
            run = play.run()
    except (Runaway, TooMuch) as error:
        verdict.add("internal_errors", f"without end: {error}")
        return verdict
    except MemoryError:
        verdict.add("internal_errors", "out of memory")
        return verdict
    finally:
        judge.platform.replace = judge.platform.answer = None
    check_texts(run, verdict)
    judge.platform.settle()
    seen = judge.look()
    is_a_lie = shape.kind == LIES or (shape.kind == REFUSED and acted)
    if run.failed or is_a_lie or seen.lines in (expected.after.lines, expected.untouched.lines):
        return verdict
    if (acted or shape.kind in (BROKEN, REFUSED)) and expected.first.changed:
        verdict.add("false_ok", f"ok (changed={run.changed}), but {differences(expected.after.lines, seen.lines)}")
    return verdict
