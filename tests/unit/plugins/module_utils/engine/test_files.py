# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files that modules write."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import files
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError


def bits(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_gets_what_the_umask_leaves(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        change = files.put_file(str(tmp_path / "key"), "one\n", "path")
    finally:
        os.umask(old)
    assert change.changed
    assert change.diff == {
        "before_header": str(tmp_path / "key"),
        "after_header": str(tmp_path / "key"),
        "before": "",
        "after": "one\n",
    }
    assert (tmp_path / "key").read_text() == "one\n"
    assert bits(tmp_path / "key") == 0o640


def test_the_same_content_is_no_change(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("one\n")
    before = path.stat()
    assert files.put_file(str(path), b"one\n", "path", mode=f"{bits(path):04o}") == files.FileChange(False)
    assert path.stat().st_ino == before.st_ino


def test_another_content_replaces_the_file_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("one\n")
    path.chmod(0o604)
    change = files.put_file(str(path), "two\n", "path")
    assert (change.diff or {})["before"] == "one\n"
    assert path.read_text() == "two\n"
    assert bits(path) == 0o604
    assert os.listdir(tmp_path) == ["key"]


def test_a_dry_run_writes_nothing_and_tells_the_same(tmp_path: Path) -> None:
    path = tmp_path / "key"
    planned = files.put_file(str(path), "one\n", "path", mode="0600", dry_run=True)
    assert not path.exists()
    assert files.put_file(str(path), "one\n", "path", mode="0600") == planned
    assert bits(path) == 0o600


def test_only_the_mode_differs(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("one\n")
    path.chmod(0o600)
    change = files.put_file(str(path), "one\n", "path", mode=0o644)
    assert (change.diff or {})["before"] == "mode 0600\n"
    assert (change.diff or {})["after"] == "mode 0644\n"
    assert bits(path) == 0o644


def test_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("one\n")
    (tmp_path / "link").symlink_to("real")
    files.put_file(str(tmp_path / "link"), "two\n", "path")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "two\n"


def test_content_that_is_not_text_is_not_shown(tmp_path: Path) -> None:
    change = files.put_file(str(tmp_path / "sheet"), b"PK\x03\x04\xff", "path")
    assert (change.diff or {})["after"] == "(5 bytes)\n"


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_names: str) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(files.os, "replace", refuse)
    with pytest.raises(InputError, match="key_path: .*key cannot be written: Operation not permitted") as caught:
        files.put_file(str(tmp_path / "key"), "one\n", "key_path")
    assert caught.value.option == "key_path"
    assert os.listdir(tmp_path) == []


def test_places_that_a_file_cannot_be_put_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.check_folder(str(tmp_path / "key"), "path")
    with pytest.raises(InputError, match="path: .* is a directory"):
        files.check_folder(str(tmp_path), "path")
    with pytest.raises(InputError, match="path: the directory .*nowhere does not exist"):
        files.check_folder(str(tmp_path / "nowhere" / "key"), "path")
    monkeypatch.setattr(files.os, "access", lambda *_arguments: False)
    with pytest.raises(InputError, match="path: the directory .* is not writable"):
        files.check_folder(str(tmp_path / "key"), "path")


@pytest.mark.parametrize("value", ["0644", "644", "1777", 0o600, "0"])
def test_modes(value: object) -> None:
    assert files.check_mode_bits(value) is None


@pytest.mark.parametrize("value", ["u=rw", "0888", True, -1, "77777", "", [1]])
def test_what_is_no_mode(value: object) -> None:
    assert "is not a file mode" in str(files.check_mode_bits(value))


def context(path: Path | None, check_mode: bool = False, wait: bool = True) -> Any:
    waiter = SimpleNamespace(policy=SimpleNamespace(wait=wait))
    return SimpleNamespace(params={"path": str(path) if path else None}, check_mode=check_mode, waiter=waiter)


def test_the_file_of_an_option(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert files.put_option(context(None), "path", "one\n") == {}
    # What only the run will know is announced by a check, unless the task would not wait for it.
    assert files.put_option(context(path, check_mode=True), "path", None) == {"changed": True}
    assert files.put_option(context(path, check_mode=True, wait=False), "path", None) == {"changed": False}
    assert files.put_option(context(path, wait=False), "path", None) == {"changed": False}
    planned = files.put_option(context(path, check_mode=True), "path", "one\n")
    assert not path.exists()
    assert planned["changed"]
    assert files.put_option(context(path), "path", "one\n") == planned
    assert files.put_option(context(path), "path", "one\n") == {"changed": False, "diff": None}


def test_the_folder_of_an_option_may_be_missing_in_a_check_only(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "key"
    files.check_option(context(None), "path")
    files.check_option(context(path, check_mode=True), "path")
    with pytest.raises(InputError, match="does not exist"):
        files.check_option(context(path), "path")


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "sheet").write_bytes(b"\0one")
    assert files.get_file(str(tmp_path / "sheet"), "path") == b"\0one"


def test_a_file_that_cannot_be_read_or_is_empty_is_an_error_that_names_the_option(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(InputError, match="path: .*none cannot be read: No such file"):
        files.get_file(str(tmp_path / "none"), "path")
    with pytest.raises(InputError, match="path: .*empty is empty"):
        files.get_file(str(tmp_path / "empty"), "path")


def test_what_is_not_a_regular_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for name in ("pipe", "link"):
        path = str(tmp_path / name)
        with pytest.raises(InputError, match="path: .* cannot be read: it is not a regular file"):
            files.get_file(path, "path")
        assert files.check_certificates(path) == f"{path} is not a regular file"


# Only with a pipe: a mistake here must not replace a device of the machine.
def test_what_is_not_a_regular_file_is_not_written_over(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="path: .* cannot be written: it is not a regular file"):
        files.put_file(str(pipe), "one\n", "path")
    for check_mode in (True, False):
        with pytest.raises(InputError, match="path: .* is not a regular file"):
            files.check_option(context(pipe, check_mode=check_mode), "path")
    assert pipe.is_fifo()


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(files.LARGEST + 1)
    with pytest.raises(InputError, match="path: .*large cannot be read: it is larger than 16 MiB"):
        files.get_file(str(path), "path")
    assert files.check_certificates(str(path)) == f"{path} is larger than 16 MiB"
    with path.open("wb") as file:
        file.truncate(files.LARGEST)
    assert len(files.get_file(str(path), "path")) == files.LARGEST
    assert files.check_certificates(str(path)) is None


def test_certificates_may_be_in_a_directory_and_a_missing_file_is_told_elsewhere(tmp_path: Path) -> None:
    assert files.check_certificates(str(tmp_path)) is None
    assert files.check_certificates(str(tmp_path / "none")) is None
