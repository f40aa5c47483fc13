# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a run keeps its records: in the temporary folder of the Ansible run between two tasks, and in the evidence
folder of the user for good.

Each host of a run has one record in the making. Files are replaced as a whole, so that a reader, and a run that dies,
never see half of one. The page of all subjects is written under a lock: several workers end at the same time.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.files import put_file
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError

from .page import render_fleet, render_run
from .upgrade import OBSERVED, OLD

FOLDER_MODE, FILE_MODE = 0o750, 0o640
OPTION = "gaussdb_evidence_dir"


@dataclass
class Kept:
    """A record in the making: its ``name`` and ``folder``, how to look at its members, and why it could not be written
    last time."""

    record: dict[str, Any]
    name: str
    folder: str
    language: str
    look: dict[str, Any] = field(default_factory=dict)
    step_began: float | None = None
    problem: str = ""

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.name}.json"

    @property
    def page_path(self) -> str:
        return f"{self.folder}/{self.name}.html"

    @property
    def digest(self) -> str:
        return hashlib.sha256(as_text(self.record).encode()).hexdigest()


class Store:
    """The records of an Ansible run, in a folder that only this run knows."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder) / "gaussdb_procedure"

    def load(self, host: str) -> Kept | None:
        try:
            return Kept(**json.loads(self._path(host).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def save(self, host: str, kept: Kept) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        put_file(str(self._path(host)), json.dumps(asdict(kept)), OPTION, 0o600)

    def like(self, kept: Kept) -> list[Kept]:
        """Return all records of the same procedure and folder, in the run so far."""
        found = [Kept(**json.loads(path.read_text(encoding="utf-8"))) for path in sorted(self.folder.glob("*.json"))]
        same = (kept.folder, kept.record["procedure"], kept.record["run"])
        return [each for each in found if (each.folder, each.record["procedure"], each.record["run"]) == same]

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Wait for the other workers of the run. The lock of a worker that dies is free."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _path(self, host: str) -> Path:
        return self.folder / f"{hashlib.sha256(host.encode()).hexdigest()}.json"


def as_text(record: Any) -> str:
    return json.dumps(record, indent=4, sort_keys=True, ensure_ascii=False) + "\n"


def write_file(path: str, text: str) -> None:
    """Write a file of evidence, and its folder if it is missing. Raises :class:`InputError`."""
    folder = os.path.dirname(path)
    try:
        if not os.path.isdir(folder):
            os.makedirs(folder, exist_ok=True)
            os.chmod(folder, FOLDER_MODE)
    except OSError as error:
        raise InputError(OPTION, f"{folder} cannot be created: {error.strerror or error}") from None
    put_file(path, text, OPTION, FILE_MODE)


def write_record(kept: Kept) -> None:
    """Write the record as it is now, and at its end its page. Raises :class:`InputError`."""
    write_file(kept.path, as_text(kept.record))
    if kept.record["ended"]:
        write_file(kept.page_path, render_run(kept.record, kept.name, kept.digest, kept.language))


def write_copies(store: Store, kept: Kept) -> list[str]:
    """Write an ended record and its page to the folder of the run, and return their paths: for the sinks, where the
    user's folder cannot be written. They are removed with the folder at the end of the run."""
    copy = replace(kept, folder=str(store.folder / "copies"))
    write_record(copy)
    return [copy.path, copy.page_path]


def find_baseline(kept: Kept, site: str) -> dict[str, Any] | None:
    """Return what the instance at a site had before the upgrade that a run takes up, from the record of the run that
    began it: the newest one that saw the old version. Without it nothing is known."""
    record, version = kept.record, kept.record["request"].get("version")
    own: dict[str, Any] | None = record["baseline"].get(site)
    if own or record["before"]["sites"][site].get("upgrade", {}).get("stage") != OBSERVED:
        return own
    for earlier in earlier_records(kept):
        with contextlib.suppress(LookupError, TypeError, AttributeError):
            if earlier["before"]["sites"][site]["upgrade"]["stage"] == OLD:
                own = earlier["baseline"].get(site) if earlier["request"].get("version") == version else None
                break
    return own


def earlier_records(kept: Kept, procedure: str = "") -> Iterator[dict[str, Any]]:
    """Return the records of the same procedure, or of another one, with the same subject and members, in the folder of
    the evidence, the newest first.

    What cannot be read, or is no record, is passed over.
    """
    ending = kept.name.partition("-")[2]
    if procedure:
        ending = f"{procedure}-{ending.removeprefix(kept.record['procedure'] + '-')}"
    for stem, earlier in records_in(kept.folder, ending):
        if stem != kept.name and earlier.get("members") == kept.record["members"]:
            yield earlier


def records_in(folder: str, ending: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the records in a folder whose names end so, the newest first, each with its name."""
    for path in sorted(Path(folder).glob(f"*-{ending}.json"), reverse=True):
        with contextlib.suppress(OSError, ValueError):
            record = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(record, dict):
                yield path.stem, record


def write_fleet(store: Store, kept: Kept) -> str:
    """Write the page of all subjects of the run so far, and return its path; ``""`` for a run with one subject."""
    with store.lock():
        found = store.like(kept)
        if len(found) < 2:
            return ""
        path = f"{kept.folder}/{kept.record['run']}-{kept.record['procedure']}.html"
        write_file(path, render_fleet({each.name: each.record for each in found}, kept.language))
        return path
