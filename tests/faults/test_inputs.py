# SPDX-License-Identifier: GPL-3.0-or-later
"""Any bad input of a module ends in a result that names the problem, before anything is changed.

``internal_errors`` counts violations: a bug, a useless message, a write in check mode, a write before an input is
rejected for a reason that needed no write, an endless run, a secret in the result.
"""

from __future__ import annotations

import fnmatch
import json
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from cases import MODULES, Play, cases, spec_of
from hypothesis import HealthCheck, given, settings
from inputs import SENTINEL, Bad, bad_inputs, strange_files
from judge import problem_of_text
from limits import memory
from virtual import Platform, Runaway

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import build_interface
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_spec

EACH = 160
# Real seconds: a guard against calls that never return, such as reading a pipe.
_PATIENCE = 120
# Values that a module has to return and users hide: a given token is returned as it is sent, without white space.
_ASKED_FOR = {"gaussdb_token": "token"}
_LARGEST_RESULT = 2_000_000


@pytest.mark.parametrize("module", MODULES)
def test_bad_input_is_refused_clearly(
    module: str,
    platform: Platform,
    tmp_path: Path,
    share: float,
    wanted: str,
    record_property: Callable[[str, Any], None],
) -> None:
    if not fnmatch.fnmatchcase(module, wanted):
        return
    (tmp_path / "files").mkdir()
    (tmp_path / "odd").mkdir()
    strange_files(tmp_path / "odd")
    described = build_interface(spec_of(module))
    trial = Trial(module, described, platform, tmp_path / "files")
    counts: Counter[str] = Counter()
    failures: dict[str, str] = {}
    play = trial.play

    @settings(
        max_examples=max(2, round(EACH * share)),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(bad=bad_inputs(play.rounds[0], described.argument_spec, tmp_path / "odd"))
    def try_one(bad: Bad) -> None:
        counts["inputs"] += 1
        problem = trial.problem(bad)
        if problem:
            counts["internal_errors"] += 1
            # One short example of each mistake.
            failures.setdefault(problem.partition(": ")[0], f"{module}: {problem}; bad: {_shown(bad)}")

    try_one()
    for counter, count in counts.items():
        record_property(counter, count)
    if failures:
        pytest.fail("\n".join(failures.values()), pytrace=False)


def _shown(bad: Bad) -> str:
    return ascii({option: _at(bad.arguments, option) for option in bad.options})[:300]


def _at(arguments: Any, option: str) -> Any:
    for step in option.split("."):
        if isinstance(arguments, list):
            arguments = next((each for each in arguments if isinstance(each, dict)), {})
        arguments = arguments.get(step) if isinstance(arguments, dict) else None
    return arguments


class Trial:
    """Runs one module with one input after the other. The site is kept until a run changes something."""

    def __init__(self, module: str, described: Any, platform: Platform, folder: Path) -> None:
        self.module, self.described, self.platform, self.folder = module, described, platform, folder
        self._prepare()

    def _prepare(self) -> None:
        self.play = Play(self.platform, cases(self.module)[0], self.folder)
        self._seen = len(self.platform.requests)

    def problem(self, bad: Bad) -> str:
        """Return the problem of a module with an input, in the form ``kind: details``; nothing if there is none."""
        try:
            validation = ArgumentSpecValidator(self.described.argument_spec, **self.described.rules).validate(
                dict(bad.arguments)
            )
        except Exception:
            # Ansible itself cannot handle it: a key that is not a string, or an invalid string.
            return ""
        if validation.error_messages:
            return ""
        self.platform.begin()
        with patience(), memory():
            try:
                raw = run_spec(
                    spec_of(self.module),
                    self.module,
                    validation.validated_parameters,
                    bad.check_mode,
                    open_client=self.platform.open_client,
                )
            except Exception as error:
                raw = {"failed": True, "msg": f"Internal error: {type(error).__name__} has escaped"}
            except Runaway as error:
                return self._after(f"without end: {error}")
        result = remove_values(raw, validation._no_log_values)
        return self._after(self._problem_of(result, bad))

    def _after(self, problem: str) -> str:
        if self._writes():
            self._prepare()
        return problem

    def _writes(self) -> list[Mapping[str, Any]]:
        return [entry for entry in self.platform.requests[self._seen :] if entry["write"]]

    def _problem_of(self, result: Mapping[str, Any], bad: Bad) -> str:
        writes = [entry["operation_id"] for entry in self._writes()]
        if text := problem_of_text(result):
            return f"{text}, {_place(result)}: {str(result.get('msg'))[:200]!a}"
        if bad.check_mode and writes:
            return f"a write in check mode: {writes}"
        error = result.get("error") or {}
        if (
            result.get("failed")
            and writes
            and error.get("status") is None
            and not result.get("job")
            and not result.get("outcomes")
        ):
            return f"refused after a write: {writes}: {str(result.get('msg'))[:200]!a}"
        shown = json.dumps(
            {key: value for key, value in result.items() if key != _ASKED_FOR.get(self.module)}, default=str
        )
        if SENTINEL in shown:
            return f"a secret is shown: {shown[max(0, shown.index(SENTINEL) - 80) :][:200]!a}"
        return f"a large result: {len(shown)}" if len(shown) > _LARGEST_RESULT else ""


def _place(result: Mapping[str, Any]) -> str:
    """The location of a bug in the code, so that each is reported once."""
    words = str(result.get("msg")).split()
    return next((word for word in words if ".py:" in word), "")


@contextmanager
def patience() -> Iterator[None]:
    def give_up(*_unused: Any) -> None:
        raise Runaway(f"not back after {_PATIENCE} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(_PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
