# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sends evidence from the controller to the user's sinks. It fails for wrong options only, never for a sink."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.gaussdb.tpops.plugins.action.gaussdb_procedure import plain
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.files import get_file
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.printable import LONGEST_MESSAGE, printable
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.evidence.git import push
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.evidence.mail import send_mail
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.evidence.put import put_s3, put_webdav
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.evidence.sinks import (
    NOTE,
    ONCE,
    File,
    Parcel,
    Send,
    check_sinks,
    deliver,
    in_order,
    label_of,
)

ARGUMENTS: dict[str, Any] = {
    "sinks": {"type": "raw", "required": True},
    "files": {"type": "list", "elements": "path", "default": []},
    "about": {"type": "str", "default": "Evidence"},
    "only": {"type": "list", "elements": "int"},
}

display = Display()


class ActionModule(ActionBase):
    """One run sends a few files to all sinks."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = {**super().run(tmp, task_vars), "changed": False}
        try:
            _validation, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
            return {**result, **self._send(plain(arguments))}
        except TpopsError as error:
            return {**result, "failed": True, **error.as_result()}
        except AnsibleError as error:
            return {**result, "failed": True, "msg": str(error)}

    def _send(self, arguments: dict[str, Any]) -> dict[str, Any]:
        sinks = check_sinks(arguments["sinks"])
        only = arguments["only"]
        chosen = [number for number in in_order(sinks) if only is None or number in only]
        if not arguments["files"] or self._task.check_mode:
            return {"notes": [], "stored": [], "warnings": []}
        files = [File(os.path.basename(path), get_file(path, "files")) for path in arguments["files"]]
        senders: dict[str, Send] = {
            "git": partial(push, temporary=C.DEFAULT_LOCAL_TMP),
            "webdav": put_webdav,
            "s3": put_s3,
            "mail": send_mail,
        }
        notes: list[dict[str, str]] = []
        stored: list[int] = []
        with _one_at_a_time():
            for number in chosen:
                sink = sinks[number]
                parcel = Parcel(files, arguments["about"], [_line(note) for note in notes])
                reason = deliver(sink, parcel, senders[sink["kind"]], time.sleep)
                if reason:
                    message = printable(reason, LONGEST_MESSAGE)
                    notes.append({"code": NOTE, "sink": label_of(sink), "message": message})
                elif sink["kind"] not in ONCE:
                    stored.append(number)
        if not self._task.no_log:
            display.display(f"Evidence sent to {len(chosen) - len(notes)} of {len(chosen)} sinks")
        return {"notes": notes, "stored": stored, "warnings": [_line(note) for note in notes]}


def _line(note: dict[str, str]) -> str:
    return f"The evidence was not sent to {note['sink']}: {note['message']}"


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait for the other workers of the run, which would push to the same branch. The lock of a dead one is free."""
    with open(os.path.join(C.DEFAULT_LOCAL_TMP, "gaussdb_evidence.lock"), "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
