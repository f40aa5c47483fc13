# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The folder of an export. It may have files of its owner, which are never touched: those of an export begin with a
line that says so."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.files import put_file
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.printable import LONGEST_WORD, printable

from .export import Export
from .export_text import example_of_secrets, secrets_of_text
from .files import SITE, files_of

OPTION = "dest"
SECRETS = "vault.example.yml"
_WRITTEN = "# Written by gaussdb.tpops.export"
_SECRETS_HEADER = """\
# The variables that the description needs. Copy them to a file of your own that Ansible Vault encrypts, and fill in
# their values. Only new objects need them: a null stands for what nobody knows of an object that exists.
"""


@dataclass
class FolderChange:
    """What became of a folder, or would: the paths of the files inside, and Ansible's diffs."""

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    diffs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.written or self.removed)


def put_export(folder: str, site: str, export: Export, whole: bool, dry_run: bool = False) -> FolderChange:
    """Write an export into a folder. ``site`` is the name of the platform.

    With ``whole`` the files of instances that do not exist any more are removed; without it an export of nothing writes
    nothing. Nothing is written, and
    :class:`InputError` is raised, when a file to be written is not one of an earlier export of this platform.
    """
    if not (whole or export.files):
        return FolderChange()
    try:
        return _put(Path(folder), site, export, whole, dry_run)
    except OSError as error:
        raise InputError(OPTION, f"{folder} cannot be written: {error.strerror or error}") from None


def obstacle_of(folder: str, site: str, instance: str) -> str:
    """Return why the description of one instance could not be written into a folder, ``""`` if it could."""
    try:
        put_export(folder, site, Export(files={f"{INSTANCES}/{instance}.yml": ""}), whole=False, dry_run=True)
    except InputError as error:
        return error.problem
    root = Path(folder).absolute()
    existing = next(each for each in (root / INSTANCES, root, *root.parents) if each.exists())
    try:
        # Permissions alone do not say whether a folder can be written to.
        with tempfile.TemporaryFile(dir=existing):
            return ""
    except OSError as error:
        return f"{folder} cannot be written: {error.strerror or error}"


def _put(root: Path, site: str, export: Export, whole: bool, dry_run: bool) -> FolderChange:
    header = header_of(site)
    for each in (root, root / INSTANCES):
        if os.path.lexists(each) and not each.is_dir():
            raise InputError(OPTION, f"{each} is not a directory")
    if not dry_run:
        root.mkdir(parents=True, exist_ok=True)
    with _alone(root):
        own = _own_files(root, header)
        texts = {path: f"{header}\n{text}" for path, text in export.files.items()}
        gone = _gone(own, export) if whole else []
        left = [text for path, text in own.items() if path not in texts and path not in gone]
        secrets = [name for text in (*texts.values(), *left) for name in secrets_of_text(text)]
        texts[SECRETS] = f"{header}\n{_SECRETS_HEADER}{example_of_secrets(secrets)}"
        foreign = sorted(path for path in texts if os.path.lexists(root / path) and path not in own)
        if foreign:
            raise InputError(
                OPTION,
                f"nothing was written to {root}, because it has files that no export of {site} has written: "
                f"{', '.join(foreign)}",
                hint="Move them, or export to another folder.",
            )
        if not dry_run:
            (root / INSTANCES).mkdir(exist_ok=True)
        return _write(root, own, texts, gone, dry_run)


def header_of(site: str) -> str:
    """Return the first line of each file of a platform's export."""
    return f"{_WRITTEN} from {printable(site, LONGEST_WORD)}, which overwrites it. Without this line the file is yours."


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Let one export at a time work in a folder: several platforms may have been given the same one."""
    if not root.is_dir():
        yield
        return
    handle = os.open(root, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _own_files(root: Path, header: str) -> dict[str, str]:
    """Return the texts of the files of this platform's exports by their paths."""
    site, instances = files_of(str(root))
    found = {}
    for path in (*filter(None, (site,)), *instances, root / SECRETS):
        text = _text_of(path)
        if text.partition("\n")[0] == header:
            found[path.relative_to(root).as_posix()] = text
    return found


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except (OSError, UnicodeDecodeError):
        # Whatever it is, no export has written it.
        return ""


def _gone(own: Mapping[str, str], export: Export) -> list[str]:
    kept = {*export.files, *export.unread, SITE, SECRETS}
    return [path for path in own if path not in kept]


def _write(
    root: Path, own: Mapping[str, str], texts: Mapping[str, str], gone: list[str], dry_run: bool
) -> FolderChange:
    found = FolderChange()
    for path, text in texts.items():
        change = put_file(str(root / path), text, OPTION, dry_run=dry_run)
        if change.changed:
            found.written.append(path)
            found.diffs.append(change.diff or {})
    for path in gone:
        if not dry_run:
            (root / path).unlink()
        found.removed.append(path)
        found.diffs.append({"before_header": str(root / path), "after_header": "", "before": own[path], "after": ""})
    return found
