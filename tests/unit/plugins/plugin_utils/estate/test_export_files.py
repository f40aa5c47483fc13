# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The folder of an export: what it writes and removes, and what it leaves alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.filter.export_obstacle import FilterModule
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate import export_files
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.export import Export
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.export_files import (
    SECRETS,
    FolderChange,
    header_of,
    obstacle_of,
    put_export,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.files import load_tree

HEADER = header_of("site-a")
CORE, OTHER = "instances/core.yml", "instances/other.yml"


def export(*names: str, unread: tuple[str, ...] = (), site: bool = True) -> Export:
    files = {f"instances/{name}.yml": f'---\nname: {name}\npassword: "{{{{ vault_{name} }}}}"\n' for name in names}
    return Export({"site.yml": "---\nhosts: []\n", **files} if site else files, list(unread))


def put(folder: Path, found: Export, site: str = "site-a", **options: Any) -> FolderChange:
    return put_export(str(folder), site, found, **{"whole": True, **options})


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_an_export_is_written_into_a_new_folder(tmp_path: Path) -> None:
    change = put(tmp_path / "a" / "b", export("core", "other"))
    files = tree(tmp_path / "a" / "b")
    assert sorted(change.written) == sorted(files) == [CORE, OTHER, "site.yml", SECRETS]
    assert change.changed and change.removed == []
    assert all(text.startswith(f"{HEADER}\n") for text in files.values())
    assert files[SECRETS].endswith("---\nvault_core:\nvault_other:\n")
    loaded = load_tree(str(tmp_path / "a" / "b"), lambda path: {"name": Path(path).stem})
    assert loaded["instances"] == [{"name": "core"}, {"name": "other"}]


def test_the_same_export_changes_nothing(tmp_path: Path) -> None:
    put(tmp_path, export("core"))
    before = {path: os.stat(path).st_ino for path in tmp_path.rglob("*")}
    change = put(tmp_path, export("core"))
    assert not change.changed and change.diffs == []
    assert {path: os.stat(path).st_ino for path in tmp_path.rglob("*")} == before


def test_the_file_of_an_instance_that_is_gone_is_removed(tmp_path: Path) -> None:
    put(tmp_path, export("core", "other"))
    change = put(tmp_path, export("core"))
    assert (change.written, change.removed) == ([SECRETS], [OTHER])
    assert sorted(tree(tmp_path)) == [CORE, "site.yml", SECRETS]
    (gone,) = [diff for diff in change.diffs if not diff["after_header"]]
    assert "name: other" in gone["before"] and gone["after"] == ""


def test_the_file_of_what_could_not_be_read_stays_with_its_secrets(tmp_path: Path) -> None:
    put(tmp_path, export("core", "other"))
    before = tree(tmp_path)
    assert not put(tmp_path, export("core", unread=(OTHER,))).changed
    assert tree(tmp_path) == before


def test_an_export_of_some_instances_leaves_all_other_files(tmp_path: Path) -> None:
    put(tmp_path, export("core", "other"))
    change = put(tmp_path, export("new", site=False), whole=False)
    assert (sorted(change.written), change.removed) == (["instances/new.yml", SECRETS], [])
    assert tree(tmp_path)[SECRETS].endswith("---\nvault_core:\nvault_new:\nvault_other:\n")


def test_an_export_of_nothing_writes_nothing(tmp_path: Path) -> None:
    assert not put(tmp_path / "new", Export(), whole=False).changed and list(tmp_path.iterdir()) == []


def test_a_file_of_the_user_is_never_touched(tmp_path: Path) -> None:
    put(tmp_path, export("core"))
    mine = {"instances/mine.yml": "name: mine\n", "README.md": "# Mine\n", "instances/notes.txt": HEADER}
    for path, text in mine.items():
        (tmp_path / path).write_text(text)
    put(tmp_path, export("other"))
    assert {path: text for path, text in tree(tmp_path).items() if path in mine} == mine
    assert CORE not in tree(tmp_path)


@pytest.mark.parametrize("text", ["name: core\n", "", f" {HEADER}\n", HEADER.replace("site-a", "site-b"), "\udcff"])
@pytest.mark.parametrize("path", [CORE, "site.yml", SECRETS])
def test_a_file_that_no_export_has_written_is_an_error_before_any_write(tmp_path: Path, path: str, text: str) -> None:
    (tmp_path / "instances").mkdir()
    (tmp_path / path).write_bytes(text.encode("utf-8", "surrogateescape"))
    before = {name: (tmp_path / name).read_bytes() for name in (path,)}
    with pytest.raises(InputError, match=rf"dest: nothing was written to .*: {path}$"):
        put(tmp_path, export("core"))
    assert {name: (tmp_path / name).read_bytes() for name in (path,)} == before
    assert sum(each.is_file() for each in tmp_path.rglob("*")) == 1


def test_a_file_that_the_user_has_made_his_own_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, export("core"))
    (tmp_path / CORE).write_text((tmp_path / CORE).read_text().partition("\n")[2])
    with pytest.raises(InputError, match=CORE):
        put(tmp_path, export("core"))


def test_what_is_there_in_place_of_a_file_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path / "a" / CORE, tmp_path / "b" / "site.yml"):
        path.mkdir(parents=True)
        with pytest.raises(InputError, match="nothing was written"):
            put(tmp_path / path.relative_to(tmp_path).parts[0], export("core"))
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / CORE).parent.mkdir()
    (tmp_path / "c" / CORE).symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="nothing was written"):
        put(tmp_path / "c", export("core"))


def test_a_folder_that_is_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "instances").write_text("")
    for folder, message in (
        (tmp_path / "file", "is not a directory"),
        (tmp_path / "file" / "inside", "cannot be written"),
        (tmp_path / "folder", "instances is not a directory"),
    ):
        with pytest.raises(InputError, match=message):
            put(folder, export("core"))


def test_in_check_mode_nothing_is_written_and_the_difference_is_known(tmp_path: Path) -> None:
    new = put(tmp_path / "new", export("core"), dry_run=True)
    assert not (tmp_path / "new").exists() and CORE in new.written
    put(tmp_path / "old", export("core", "other"))
    before = tree(tmp_path)
    change = put(tmp_path / "old", export("core", "third"), dry_run=True)
    assert tree(tmp_path) == before
    assert (sorted(change.written), change.removed) == (["instances/third.yml", SECRETS], [OTHER])
    assert [diff["before"] == "" for diff in change.diffs if "third" in diff["after_header"]] == [True]


def test_two_platforms_never_share_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one looks only after the first one has written, even if both began at the same time."""
    looked, go = threading.Event(), threading.Event()
    look: Callable[..., Any] = export_files._own_files
    waits = iter((True, False))

    def slowly(*arguments: Any) -> Any:
        found = look(*arguments)
        if next(waits):
            looked.set()
            assert go.wait(60)
        return found

    monkeypatch.setattr(export_files, "_own_files", slowly)
    errors: list[str] = []

    def second() -> None:
        try:
            put(tmp_path, export("core"), site="site-b")
        except InputError as error:
            errors.append(error.problem)

    first = threading.Thread(target=put, args=(tmp_path, export("core")))
    first.start()
    assert looked.wait(60)
    other = threading.Thread(target=second)
    other.start()
    go.set()
    first.join()
    other.join()
    assert len(errors) == 1 and "no export of site-b has written" in errors[0]
    assert tree(tmp_path)["site.yml"].startswith(HEADER)


def test_a_file_that_cannot_be_removed_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, export("core", "other"))

    def refuse(path: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(InputError, match="cannot be written: Operation not permitted"):
        put(tmp_path, export("core"))


def test_the_header_is_one_line_whatever_the_name_of_the_platform() -> None:
    assert header_of("a\nb").count("\n") == 0 and header_of("site-a") != header_of("site-b")


def test_what_keeps_a_description_from_being_written_is_known_before(tmp_path: Path) -> None:
    put(tmp_path / "own", export("core"))
    for folder in ("own", "new/folder"):
        assert obstacle_of(str(tmp_path / folder), "site-a", "core") == ""
    assert not (tmp_path / "new").exists() and len(tree(tmp_path)) == 3
    assert "has files that no export of site-b has written" in obstacle_of(str(tmp_path / "own"), "site-b", "core")
    (tmp_path / "own" / CORE).write_text("name: core\n")
    assert CORE in FilterModule().filters()["export_obstacle"](str(tmp_path / "own"), "site-a", "core")
    assert obstacle_of(str(tmp_path / "own"), "site-a", "other") == ""
    assert "is not a directory" in obstacle_of(str(tmp_path / "own" / CORE), "site-a", "core")
    assert "/proc/none cannot be written" in obstacle_of("/proc/none", "site-a", "core")
