# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The token cache: real files, and everything that can be wrong with them."""

from __future__ import annotations

import fcntl
import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.http import token_cache
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.token_cache import CachedToken, TokenCache

WHO = ("host:8002", "admin")
PASSWORD = "Right_Pw1"


class Wall:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def cache(tmp_path: Path, wall: Wall) -> TokenCache:
    return TokenCache(str(tmp_path / "home" / "cache"), now=wall)


def files(cache: TokenCache) -> list[Path]:
    return sorted(path for path in Path(cache.directory).iterdir() if path.suffix != ".lock")


def mode(path: str | Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def test_directory_follows_ansible(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANSIBLE_HOME", str(tmp_path / "x"))
    assert TokenCache().directory == str(tmp_path / "x" / "gaussdb_tpops")
    monkeypatch.delenv("ANSIBLE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert TokenCache().directory == str(tmp_path / ".ansible" / "gaussdb_tpops")


def test_home_that_nobody_knows_is_no_folder_of_that_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    for home in (None, "~/x", "relative", str(tmp_path / "~" / ".ansible")):
        monkeypatch.delenv("ANSIBLE_HOME", raising=False)
        if home is not None:
            monkeypatch.setenv("ANSIBLE_HOME", home)
        cache = TokenCache()
        cache.put(*WHO, PASSWORD, CachedToken("Token1"))
        with cache.lock(*WHO):
            assert cache.get(*WHO, PASSWORD) is None
        cache.drop(*WHO, "Token1")
        assert "HOME" in str(cache.problem)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_kept_where_nobody_wants_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANSIBLE_HOME", str(tmp_path))
    monkeypatch.setenv(token_cache.RUN_DIRECTORY, str(tmp_path))
    cache = TokenCache(in_files=False)
    cache.put(*WHO, PASSWORD, CachedToken("Token1"))
    with cache.lock(*WHO):
        assert cache.get(*WHO, PASSWORD) is None
    assert cache.problem is None
    assert list(tmp_path.iterdir()) == []


def test_token_without_an_end_is_not_kept_for_ever(cache: TokenCache, wall: Wall) -> None:
    cache.put(*WHO, PASSWORD, CachedToken("Token1"))
    wall.now += 86_399
    assert cache.get(*WHO, PASSWORD) is not None
    wall.now += 1
    assert cache.get(*WHO, PASSWORD) is None


def test_put_and_get(cache: TokenCache) -> None:
    assert cache.get(*WHO, PASSWORD) is None
    token = CachedToken("Token1", 1_001_800, {"user_id": "u1"})
    cache.put(*WHO, PASSWORD, token)
    assert cache.get(*WHO, PASSWORD) == token
    assert cache.get("other:8002", "admin", PASSWORD) is None
    assert cache.get("host:8002", "other", PASSWORD) is None
    assert "Token1" not in repr(token)
    cache.put(*WHO, PASSWORD, CachedToken("Token2"))
    assert cache.get(*WHO, PASSWORD) == CachedToken("Token2")


def test_files_are_private_and_hold_no_password(cache: TokenCache) -> None:
    old = os.umask(0)
    try:
        cache.put(*WHO, PASSWORD, CachedToken("Token1"))
        with cache.lock(*WHO):
            pass
    finally:
        os.umask(old)
    assert mode(cache.directory) == 0o700
    assert {mode(path) for path in Path(cache.directory).iterdir()} == {0o600}
    (path,) = files(cache)
    assert PASSWORD not in path.read_text() and "admin" not in path.name
    assert len(json.loads(path.read_text())["check"]) == 4


def test_another_password_gets_nothing(cache: TokenCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_cache.secrets, "token_hex", lambda _size: "salt")
    cache.put(*WHO, PASSWORD, CachedToken("Token1"))
    assert cache.get(*WHO, "Wrong_Pw1") is None
    assert cache.get(*WHO, PASSWORD) is not None


def test_expiry_has_a_margin(cache: TokenCache, wall: Wall) -> None:
    cache.put(*WHO, PASSWORD, CachedToken("Token1", wall.now + 3600))
    wall.now += 3539
    assert cache.get(*WHO, PASSWORD) is not None
    wall.now += 1
    assert cache.get(*WHO, PASSWORD) is None
    cache.put(*WHO, PASSWORD, CachedToken("Token2", wall.now + 60))
    wall.now += 53
    assert cache.get(*WHO, PASSWORD) is not None
    wall.now += 1
    assert cache.get(*WHO, PASSWORD) is None
    cache.put(*WHO, PASSWORD, CachedToken("Token3", wall.now - 1))
    assert cache.get(*WHO, PASSWORD) is None


def test_drop_only_the_refused_token(cache: TokenCache) -> None:
    cache.drop(*WHO, "Token1")
    cache.put(*WHO, PASSWORD, CachedToken("Token2"))
    cache.drop(*WHO, "Token1")
    assert cache.get(*WHO, PASSWORD) is not None
    cache.drop(*WHO, "Token2")
    assert cache.get(*WHO, PASSWORD) is None
    assert files(cache) == []


def spoil(change: dict[str, Any]) -> str:
    entry = {
        "token": "Token1",
        "expires_at": None,
        "saved": 1_000_000,
        "salt": "salt",
        "check": token_cache._check("salt", PASSWORD),
        "info": {},
    }
    return json.dumps({**entry, **change})


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        "\xff",
        spoil({"token": ""}),
        spoil({"token": 5}),
        spoil({"expires_at": "soon"}),
        spoil({"saved": None}),
        spoil({"saved": 1_000_061}),
        spoil({"saved": 10**400}),
        spoil({"saved": float("nan")}),
        spoil({"expires_at": 10**400}),
        spoil({"expires_at": 253_370_764_800}),
        spoil({"expires_at": float("inf")}),
        spoil({"expires_at": float("nan")}),
        spoil({"token": "Token1\nX-Other: 1"}),
        spoil({"token": "Tok\u00e9n"}),
        spoil({"salt": 5}),
        spoil({"salt": "\ud800"}),
        spoil({"info": 5}),
        spoil({"check": "ä"}),
        json.dumps({"token": "Token1"}),
        spoil({"filler": "x" * 200_000}),
    ],
)
def test_spoilt_file_is_removed(cache: TokenCache, content: str) -> None:
    cache.put(*WHO, PASSWORD, CachedToken("Token1"))
    (path,) = files(cache)
    path.write_text(content, encoding="latin-1")
    assert cache.get(*WHO, PASSWORD) is None
    assert files(cache) == []
    cache.put(*WHO, PASSWORD, CachedToken("Token2"))
    assert cache.get(*WHO, PASSWORD) == CachedToken("Token2")


def test_unspoilt_file_of_that_test_is_used(cache: TokenCache) -> None:
    cache.put(*WHO, PASSWORD, CachedToken("Token1"))
    files(cache)[0].write_text(spoil({}))
    assert cache.get(*WHO, PASSWORD) == CachedToken("Token1")


def test_too_open_file_is_ignored_and_replaced(cache: TokenCache) -> None:
    cache.put(*WHO, PASSWORD, CachedToken("Token1"))
    (path,) = files(cache)
    path.chmod(0o640)
    assert cache.get(*WHO, PASSWORD) is None
    cache.put(*WHO, PASSWORD, CachedToken("Token2"))
    assert cache.get(*WHO, PASSWORD) == CachedToken("Token2")
    assert mode(path) == 0o600


def test_links_and_pipes_are_ignored(cache: TokenCache, tmp_path: Path) -> None:
    cache.put(*WHO, PASSWORD, CachedToken("Token1"))
    (path,) = files(cache)
    moved = path.rename(tmp_path / "elsewhere")
    path.symlink_to(moved)
    assert cache.get(*WHO, PASSWORD) is None
    os.mkfifo(path, 0o600)
    assert cache.get(*WHO, PASSWORD) is None
    path.mkdir()
    assert cache.get(*WHO, PASSWORD) is None
    assert files(cache) == [] and moved.exists()
    path.mkdir()
    (path / "file").touch()
    cache.put(*WHO, PASSWORD, CachedToken("Token2"))
    assert cache.get(*WHO, PASSWORD) is None
    assert "Is a directory" in str(cache.problem)


def test_files_of_others_are_ignored(cache: TokenCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.put(*WHO, PASSWORD, CachedToken("Token1"))
    monkeypatch.setattr(token_cache.os, "geteuid", lambda: os.getuid() + 1)
    assert cache.get(*WHO, PASSWORD) is None
    cache.put(*WHO, PASSWORD, CachedToken("Token2"))
    with cache.lock(*WHO):
        pass
    monkeypatch.undo()
    assert cache.get(*WHO, PASSWORD) == CachedToken("Token1")
    assert len(list(Path(cache.directory).iterdir())) == 1


def test_too_open_directory_is_closed(cache: TokenCache) -> None:
    os.makedirs(cache.directory, mode=0o755)
    os.chmod(cache.directory, 0o755)
    cache.put(*WHO, PASSWORD, CachedToken("Token1"))
    assert mode(cache.directory) == 0o700


def test_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = TokenCache(str(tmp_path / "file" / "cache"))
    cache.put(*WHO, PASSWORD, CachedToken("Token1"))
    assert cache.problem == f"{cache.directory}: Not a directory"
    with cache.lock(*WHO):
        assert cache.get(*WHO, PASSWORD) is None
    cache.drop(*WHO, "Token1")


def test_directory_of_the_run_takes_the_place_of_one_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whether it cannot be made, or is not known. The first reason is the one to show."""
    (tmp_path / "file").touch()
    for number, home in enumerate((str(tmp_path / "file"), "relative")):
        run = tmp_path / f"run{number}"
        monkeypatch.setenv("ANSIBLE_HOME", home)
        monkeypatch.setenv(token_cache.RUN_DIRECTORY, str(run))
        assert TokenCache().put(*WHO, PASSWORD, CachedToken("Token1"))
        assert mode(run / "gaussdb_tpops") == 0o700
        other = TokenCache()
        with other.lock(*WHO):
            assert other.get(*WHO, PASSWORD) == CachedToken("Token1")
        assert home in str(other.problem)
    monkeypatch.setenv(token_cache.RUN_DIRECTORY, str(tmp_path / "file"))
    monkeypatch.setenv("ANSIBLE_HOME", str(tmp_path / "file"))
    cache = TokenCache()
    assert not cache.put(*WHO, PASSWORD, CachedToken("Token1"))
    assert cache.problem == f"{tmp_path / 'file' / 'gaussdb_tpops'}: Not a directory"
    with cache.lock(*WHO):
        assert cache.get(*WHO, PASSWORD) is None


def test_directory_that_cannot_be_written(cache: TokenCache, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_options: Any) -> None:
        raise PermissionError(13, "Permission denied")

    cache.put(*WHO, PASSWORD, CachedToken("Token1"))
    monkeypatch.setattr(token_cache.os, "replace", refuse)
    cache.put(*WHO, PASSWORD, CachedToken("Token2"))
    monkeypatch.undo()
    assert cache.get(*WHO, PASSWORD) == CachedToken("Token1")
    assert len(files(cache)) == 1
    monkeypatch.setattr(token_cache.os, "unlink", refuse)
    monkeypatch.setattr(token_cache.os, "replace", refuse)
    cache.put(*WHO, PASSWORD, CachedToken("Token2"))
    cache.drop(*WHO, "Token1")
    monkeypatch.undo()
    assert cache.get(*WHO, PASSWORD) == CachedToken("Token1")


def test_file_system_without_locks(cache: TokenCache, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    before = len(os.listdir("/proc/self/fd"))
    with cache.lock(*WHO):
        pass
    assert len(os.listdir("/proc/self/fd")) == before


def test_lock_lets_one_in_at_a_time(cache: TokenCache) -> None:
    inside: list[str] = []
    waiting, entered = threading.Event(), threading.Event()

    def second() -> None:
        waiting.set()
        with cache.lock(*WHO):
            inside.append("second")
            entered.set()

    thread = threading.Thread(target=second)
    with cache.lock(*WHO):
        thread.start()
        waiting.wait()
        with cache.lock("other:8002", "admin"):
            inside.append("first")
        assert not entered.wait(0.05)
    thread.join()
    assert inside == ["first", "second"]


def test_lock_is_released_after_a_failed_login(cache: TokenCache) -> None:
    with pytest.raises(RuntimeError), cache.lock(*WHO):
        raise RuntimeError("wrong password")
    with cache.lock(*WHO):
        pass
