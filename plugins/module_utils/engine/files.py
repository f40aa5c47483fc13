# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files that modules write and read where they run: what the platform lets one download, and takes."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from dataclasses import dataclass
from typing import Any

from ..http.errors import InputError
from .context import Context

# What a platform lets one download or takes is far below this (bytes), and so is any list of certificates.
LARGEST = 16 * 2**20
_TOO_LARGE = f"is larger than {LARGEST // 2**20} MiB"


@dataclass(frozen=True)
class FileChange:
    """What became of a file, or would: ``diff`` is Ansible's, ``None`` when nothing differs."""

    changed: bool
    diff: dict[str, Any] | None = None


def check_mode_bits(value: Any) -> str | None:
    """Check a file mode: octal digits in quotes, or the number that YAML makes of digits without quotes."""
    try:
        fine = 0 <= mode_bits(value) <= 0o7777
    except (TypeError, ValueError):
        fine = False
    return None if fine else f"{value!r} is not a file mode; use octal digits in quotes, such as '0644'"


def mode_bits(value: Any) -> int:
    """Return the bits of a mode. An integer is taken as it is, a text as octal digits."""
    if isinstance(value, bool):
        raise TypeError("a boolean is not a mode")
    return value if isinstance(value, int) else int(str(value), 8)


def check_folder(path: str, option: str, yet_to_be_made: bool = False) -> None:
    """Raise :class:`InputError` when a file cannot be put there, so that this is known before anything is changed.

    With ``yet_to_be_made`` the directory need not exist.
    """
    problem = _unfit(path)
    if problem:
        raise InputError(option, f"{path} {problem}")
    if yet_to_be_made:
        return
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        raise InputError(option, f"the directory {folder} does not exist")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(option, f"the directory {folder} is not writable")


def put_file(path: str, content: bytes | str, option: str, mode: Any = None, dry_run: bool = False) -> FileChange:
    """Give a file this content, and this mode when one is given.

    Readers see the old file or the new one, never half of it. Without ``mode`` an existing file keeps its own, and a
    new one gets what the umask leaves. A symbolic link is followed. With ``dry_run`` nothing is written. Raises
    :class:`InputError` that names ``option``.
    """
    data = content.encode() if isinstance(content, str) else content
    target = os.path.realpath(path)
    try:
        before, status = _read(target)
        bits = mode_bits(mode) if mode is not None else None
        if before != data:
            shown = (_shown(before), _shown(data))
            if not dry_run:
                _replace(target, data, bits, status)
        elif bits is not None and status is not None and stat.S_IMODE(status.st_mode) != bits:
            shown = (f"mode {stat.S_IMODE(status.st_mode):04o}\n", f"mode {bits:04o}\n")
            if not dry_run:
                os.chmod(target, bits)
        else:
            return FileChange(False)
    except OSError as error:
        raise InputError(option, f"{path} cannot be written: {error.strerror or error}") from None
    return FileChange(True, {"before_header": path, "after_header": path, "before": shown[0], "after": shown[1]})


def get_file(path: str, option: str) -> bytes:
    """Return what is in a file. Raises :class:`InputError` that names ``option``, also for an empty one.

    So does what is not a regular file, such as a device that never ends, and what has more than :data:`LARGEST` bytes.
    """
    try:
        data, _status = _read(path)
    except OSError as error:
        raise InputError(option, f"{path} cannot be read: {error.strerror or error}") from None
    if data is None:
        raise InputError(option, f"{path} cannot be read: {os.strerror(errno.ENOENT)}")
    if not data:
        raise InputError(option, f"{path} is empty")
    return data


def check_certificates(path: Any) -> str | None:
    """Check the path of certificates: a file, or a directory of files as OpenSSL has them. What does not exist
    passes."""
    problem = None if os.path.isdir(path) else _unfit(path)
    return problem and f"{path} {problem}"


def _unfit(path: str) -> str | None:
    """Return why something that exists is nothing to read or to write over."""
    try:
        return _unfit_status(os.stat(path))
    except OSError:
        return None


def _unfit_status(status: os.stat_result) -> str | None:
    if stat.S_ISDIR(status.st_mode):
        return "is a directory"
    if not stat.S_ISREG(status.st_mode):
        return "is not a regular file"
    return _TOO_LARGE if status.st_size > LARGEST else None


def check_option(ctx: Context, option: str) -> None:
    """Like :func:`check_folder` for the path that an option gives. In check mode an earlier task may be going to make
    the directory."""
    if ctx.params[option]:
        check_folder(ctx.params[option], option, yet_to_be_made=ctx.check_mode)


def put_option(ctx: Context, option: str, content: bytes | str | None, mode: Any = None) -> dict[str, Any]:
    """Write the file that an option names, and return what a ``result`` hook returns about it.

    In check mode nothing is written. A content of ``None`` is one that only the run itself will know, or a later one
    where the task does not wait for what it is made of.
    """
    if not ctx.params[option]:
        return {}
    if content is None:
        return {"changed": ctx.check_mode and ctx.waiter.policy.wait}
    change = put_file(ctx.params[option], content, option, mode, dry_run=ctx.check_mode)
    return {"changed": change.changed, "diff": change.diff}


def _read(path: str) -> tuple[bytes | None, os.stat_result | None]:
    """Return what is in a file and its status, ``None`` for both when there is none. Raises :class:`OSError`."""
    try:
        # To open a pipe would wait for somebody at its other end.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None, None
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(file.fileno())
        problem = _unfit_status(status)
        if problem:
            raise OSError(None, f"it {problem}")
        # What is in /proc has no size.
        data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise OSError(None, f"it {_TOO_LARGE}")
        return data, status


def _replace(path: str, data: bytes, bits: int | None, status: os.stat_result | None) -> None:
    handle, temporary = tempfile.mkstemp(prefix=".ansible_gaussdb_", dir=os.path.dirname(path))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        if status is not None:
            # Only root may give files away; anybody else's new file is their own, as with every other module.
            with contextlib.suppress(OSError):
                os.chown(temporary, status.st_uid, status.st_gid)
        if bits is None:
            bits = stat.S_IMODE(status.st_mode) if status is not None else 0o666 & ~_umask()
        os.chmod(temporary, bits)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    # It can only be read by setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _shown(data: bytes | None) -> str:
    if data is None:
        return ""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return f"({len(data)} bytes)\n"
