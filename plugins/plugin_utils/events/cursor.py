# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cursor: what was last seen of each platform, and the events that may not have arrived yet.

It is written before an event is handed on, so that no kill loses one. An event stays in it until some time after it was
handed on, because what it starts may be killed too: a new start hands it on again, with the same ID.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError

VERSION = 1
OPTION = "cursor"


class Cursor:
    """The data, and its file. Not for use by two threads at a time."""

    def __init__(self, path: str, data: Mapping[str, Any] | None = None) -> None:
        self.path = path
        self._platforms: dict[str, dict[str, Any]] = dict((data or {}).get("platforms") or {})
        self._outbox: list[dict[str, Any]] = [*((data or {}).get("outbox") or ())]
        # When each event of the outbox was handed on, by the clock of this machine; not in the file.
        self._handed: dict[str, float] = {}

    def seen(self, platform: str) -> dict[str, Any] | None:
        """Return what was kept of a platform."""
        return self._platforms.get(platform)

    def next_event(self) -> dict[str, Any] | None:
        """Return the oldest event that was not handed on by this process."""
        return next((event for event in self._outbox if event["id"] not in self._handed), None)

    @property
    def waiting(self) -> int:
        """The number of events that were not handed on by this process."""
        return len(self._outbox) - len(self._handed)

    def keep(self, platform: str, seen: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> None:
        """Write what was seen and its events. Raises :class:`OSError`, and then nothing is changed.

        An event that is there already is not added again.
        """
        known = {event["id"] for event in self._outbox}
        outbox = [*self._outbox, *(dict(event) for event in events if event["id"] not in known)]
        platforms = {**self._platforms, platform: dict(seen)}
        write(self.path, platforms, outbox)
        self._platforms, self._outbox = platforms, outbox

    def note_handed(self, event_id: str, now: float) -> None:
        self._handed[event_id] = now

    def forget_before(self, moment: float) -> bool:
        """Drop the events that were handed on before a moment, and return whether there were any. Raises
        :class:`OSError`, and then nothing is changed."""
        old = {event_id for event_id, handed in self._handed.items() if handed < moment}
        if not old:
            return False
        outbox = [event for event in self._outbox if event["id"] not in old]
        write(self.path, self._platforms, outbox)
        self._outbox = outbox
        for event_id in old:
            del self._handed[event_id]
        return True


def write(path: str, platforms: Mapping[str, Any], outbox: Sequence[Mapping[str, Any]]) -> None:
    """Replace the file as a whole: a reader never sees half of one. Raises :class:`OSError`."""
    text = json.dumps({"version": VERSION, "platforms": platforms, "outbox": list(outbox)}, ensure_ascii=False)
    folder = os.path.dirname(path) or "."
    handle, temporary = tempfile.mkstemp(prefix=".cursor_", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def read(path: str) -> Cursor:
    """Return the cursor of a file, an empty one where there is none. Raises :class:`InputError` for what is not a
    cursor: it is not replaced, since events would be lost."""
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except FileNotFoundError:
        return Cursor(path)
    except (OSError, ValueError) as error:
        raise InputError(OPTION, f"{path} cannot be read: {_reason(error)}", hint=_HINT) from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise InputError(OPTION, f"{path} is not a cursor of version {VERSION}", hint=_HINT)
    return Cursor(path, data)


_HINT = "Move the file away to start over: then what is wrong now is reported, and what ended in the meantime is not."


@contextlib.contextmanager
def opened(path: str) -> Iterator[Cursor]:
    """The cursor of a file, which belongs to this process meanwhile. Raises :class:`InputError`."""
    folder = os.path.dirname(os.path.abspath(path))
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        lock = open(f"{path}.lock", "w")  # noqa: SIM115 - it is held until the end
    except OSError as error:
        raise InputError(OPTION, f"{path} cannot be written: {_reason(error)}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TpopsError(f"Another event source uses the cursor {path}; give each its own") from None
        yield read(path)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
