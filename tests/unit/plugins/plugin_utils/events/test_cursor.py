# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The file of the event source, and what a process finds that begins where another one was killed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.events import cursor as cursors

SEEN = {"state": None, "contact": {}}


def event(name: str) -> dict[str, Any]:
    return {"id": name, "type": "alarm_raised"}


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "folder" / "cursor.json")


def drain(cursor: cursors.Cursor) -> list[str]:
    """Hand on everything at the moment 100."""
    found = []
    while (each := cursor.next_event()) is not None:
        found.append(each["id"])
        cursor.note_handed(each["id"], 100)
    return found


def test_events_are_written_before_they_are_handed_on(path: str) -> None:
    with cursors.opened(path) as cursor:
        assert cursor.seen("a") is None and cursor.next_event() is None
        cursor.keep("a", SEEN, [event("1"), event("2")])
        assert cursor.waiting == 2
    with cursors.opened(path) as cursor:
        assert cursor.seen("a") == SEEN and drain(cursor) == ["1", "2"]


def test_what_was_handed_on_is_handed_on_again_by_a_new_process_until_it_is_old_enough(path: str) -> None:
    with cursors.opened(path) as cursor:
        cursor.keep("a", SEEN, [event("1")])
        assert drain(cursor) == ["1"] and drain(cursor) == [] and cursor.waiting == 0
        assert not cursor.forget_before(100)
        cursor.keep("b", SEEN, [event("2")])
    with cursors.opened(path) as cursor:
        assert drain(cursor) == ["1", "2"]
        assert cursor.forget_before(101)
    with cursors.opened(path) as cursor:
        assert drain(cursor) == [] and cursor.seen("b") == SEEN


def test_an_event_that_waits_already_is_not_added_again(path: str) -> None:
    with cursors.opened(path) as cursor:
        cursor.keep("a", SEEN, [event("1")])
        cursor.keep("a", SEEN, [event("1"), event("2")])
        assert drain(cursor) == ["1", "2"]


def test_a_file_that_cannot_be_written_changes_nothing(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    with cursors.opened(path) as cursor:
        cursor.keep("a", SEEN, [event("1")])
        drain(cursor)
        monkeypatch.setattr(cursors.os, "replace", fail)
        with pytest.raises(OSError, match="No space"):
            cursor.keep("a", {"state": 1}, [event("2")])
        with pytest.raises(OSError, match="No space"):
            cursor.forget_before(200)
        assert cursor.seen("a") == SEEN and cursor.next_event() is None
        monkeypatch.undo()
        assert cursor.forget_before(200)
    assert [each.name for each in Path(path).parent.iterdir() if each.name.startswith(".cursor_")] == []


def test_a_cursor_belongs_to_one_source(path: str) -> None:
    with cursors.opened(path), pytest.raises(TpopsError, match="Another event source"), cursors.opened(path):
        pass
    with cursors.opened(path):
        pass


@pytest.mark.parametrize("content", ["", "[]", "{", json.dumps({"version": 99, "platforms": {}}), "\x00"])
def test_a_file_that_is_no_cursor_is_an_error_and_stays(path: str, content: str) -> None:
    Path(path).parent.mkdir()
    Path(path).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="cursor: .*cursor.json"), cursors.opened(path):
        pass
    assert Path(path).read_text(encoding="utf-8") == content


def test_a_folder_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"), cursors.opened(str(tmp_path / "file" / "cursor.json")):
        pass


def test_nobody_else_can_read_the_file(path: str) -> None:
    with cursors.opened(path) as cursor:
        cursor.keep("a", SEEN, [])
    assert Path(path).stat().st_mode & 0o077 == 0
