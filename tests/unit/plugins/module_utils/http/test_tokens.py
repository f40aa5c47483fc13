# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many tasks and hosts that need a token at the same time: one logs in, and the others get its result."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.http import errors, token_cache
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.connection import Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.token_cache import CachedToken, TokenCache
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.tokens import Tokens

REFUSED = errors.AuthenticationFailed(
    "create_token failed: wrong password (HTTP 400, DBS.200029)", code="DBS.200029", status=400
)
HANGS = errors.ConnectionFailed("No reply from the platform: no reply came within 30 seconds", hint="Wait.")


class Bench:
    """Tasks of one machine: each has its own tokens, all share one directory, one wall clock and one platform."""

    def __init__(self, directory: Path, outcome: errors.TpopsError | CachedToken) -> None:
        self.directory, self.outcome = directory, outcome
        self.now, self.logins = 1_000_000.0, 0
        self.warnings: list[str] = []

    def login(self) -> CachedToken:
        self.logins += 1
        if isinstance(self.outcome, errors.TpopsError):
            raise errors.from_data(errors.as_data(self.outcome))
        return self.outcome

    def task(self, password: str = "Right_Pw1", in_files: bool = True, user: str = "admin") -> Tokens:
        cache = TokenCache(str(self.directory), now=lambda: self.now, in_files=in_files)
        return Tokens(Connection("host", user, password), self.login, cache, self.warnings.append)

    def fails(
        self, kind: type[errors.TpopsError] = errors.AuthenticationFailed, **options: object
    ) -> errors.TpopsError:
        with pytest.raises(kind) as caught:
            self.task(**options).current()  # type: ignore[arg-type]
        return caught.value


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Bench]:
    monkeypatch.setenv(token_cache.RUN_VARIABLE, "run-1")
    return lambda outcome=REFUSED: Bench(tmp_path / "cache", outcome)


MakeBench = Callable[..., Bench]


def test_wrong_password_is_tried_once_for_all_tasks_and_hosts(start: MakeBench) -> None:
    bench = start()
    first = bench.fails()
    bench.now += 59
    later = [bench.fails() for _task in range(11)]
    assert bench.logins == 1
    assert str(first) == str(REFUSED)
    assert {error.message for error in later} == {
        f"{REFUSED.message}; that was 59 seconds ago, and no login is tried again for a minute"
    }
    assert {(error.code, error.status, error.hint) for error in later} == {(REFUSED.code, REFUSED.status, REFUSED.hint)}
    assert bench.warnings == []


def test_refusal_counts_for_a_minute(start: MakeBench) -> None:
    bench = start()
    bench.fails()
    bench.now += 0.5
    bench.fails()
    assert bench.logins == 1
    bench.now -= 0.5
    for seconds in (60, -61):
        bench.now += seconds
        bench.fails()
    assert bench.logins == 3


def test_another_password_user_or_run_gets_a_try_of_its_own(start: MakeBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_cache.secrets, "token_hex", lambda _size: "salt")
    bench = start()
    bench.fails()
    bench.fails(user="other")
    monkeypatch.setenv(token_cache.RUN_VARIABLE, "run-2")
    bench.fails()
    assert bench.logins == 3
    bench.fails(password="Wrong_Pw2")
    assert bench.logins == 4


def test_without_the_name_of_a_run_nothing_is_kept(start: MakeBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(token_cache.RUN_VARIABLE)
    bench = start()
    bench.fails()
    bench.fails(in_files=False)
    assert bench.logins == 2
    assert bench.warnings == []
    assert not [path for path in bench.directory.iterdir() if path.suffix == ".failed"]


def test_a_task_tries_a_refused_password_once(start: MakeBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if it still wants to read."""
    monkeypatch.delenv(token_cache.RUN_VARIABLE)
    bench = start()
    task = bench.task()
    for _call in range(3):
        with pytest.raises(errors.AuthenticationFailed):
            task.current()
    assert bench.logins == 1


def test_files_of_failures_are_private_and_hold_no_password(start: MakeBench) -> None:
    bench = start()
    bench.fails(password="Hidden_Pw1")
    (path,) = bench.directory.glob("*.failed")
    assert "Hidden" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["[]", "{", '{"run": "run-1"}', '{"run": "run-1", "saved": "x"}'])
def test_spoilt_failure_is_removed(start: MakeBench, content: str) -> None:
    bench = start()
    bench.fails()
    (path,) = bench.directory.glob("*.failed")
    path.write_text(content)
    bench.fails()
    assert bench.logins == 2


@pytest.mark.parametrize("error", [{"kind": "SystemExit", "message": "x"}, {"kind": "Mapping"}, {}, [], None])
def test_only_an_error_of_the_platform_is_made_again(
    start: MakeBench, monkeypatch: pytest.MonkeyPatch, error: object
) -> None:
    monkeypatch.setattr(token_cache, "as_data", lambda _error: error)
    bench = start()
    bench.fails()
    bench.fails()
    assert bench.logins == 2


def test_without_a_file_a_refusal_holds_for_one_task_and_that_is_told(start: MakeBench, tmp_path: Path) -> None:
    """A task is a process: all items of a loop are processed in the same one."""
    bench = start()
    for _item in range(3):
        bench.fails(in_files=False)
    assert bench.logins == 1
    assert bench.warnings == [
        "Only this task knows that the login was rejected (token_cache is off): other tasks and hosts try it again"
    ]
    bench.directory.touch()
    bench = Bench(bench.directory, REFUSED)
    for _item in range(3):
        bench.fails(password="Wrong_Pw2")
    assert bench.logins == 1
    assert len(bench.warnings) == 1 and "exists" in bench.warnings[0]


def test_token_that_cannot_be_kept_is_told_with_the_reason(start: MakeBench) -> None:
    bench = start(CachedToken("Token1"))
    bench.directory.touch()
    assert bench.task().current().token == "Token1"
    assert bench.warnings == [f"The token cannot be kept, so every task logs in: {bench.directory}: File exists"]
    bench.warnings.clear()
    bench.task(in_files=False).current()
    assert bench.warnings == []


def test_eight_hosts_wait_for_a_hanging_platform_as_long_as_one(
    start: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure counts for tasks that waited for that login; later ones try again."""
    bench = start(HANGS)
    waiting = threading.Semaphore(0)

    def login() -> CachedToken:
        for _other in range(7):
            assert waiting.acquire(timeout=60)
        return Bench.login(bench)

    def host(_number: int) -> errors.TpopsError:
        task = bench.task()
        task._login = login

        def now() -> float:
            waiting.release()
            return bench.now

        task._cache.now = now
        with pytest.raises(errors.ConnectionFailed) as caught:
            task.current()
        return caught.value

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(host, range(8)))
    assert bench.logins == 1
    assert {(str(error), error.hint) for error in found} == {(str(HANGS), HANGS.hint)}
    bench.now += 1
    bench.fails(errors.ConnectionFailed)
    assert bench.logins == 2


def test_token_replaces_a_failure(start: MakeBench) -> None:
    bench = start(HANGS)
    bench.fails(errors.ConnectionFailed)
    bench.outcome = CachedToken("Token1")
    bench.now += 1
    assert bench.task().current().token == "Token1"
    assert bench.task().current().token == "Token1"
    assert bench.logins == 2


def test_refused_token_is_forgotten_though_the_login_fails(start: MakeBench) -> None:
    bench = start(CachedToken("Token1"))
    task = bench.task()
    assert task.current().token == "Token1"
    bench.outcome = HANGS
    with pytest.raises(errors.ConnectionFailed):
        task.renew("Token1")
    bench.outcome = CachedToken("Token2")
    bench.now += 1
    assert bench.task().current().token == "Token2"
