# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Work that is shared among processes: a process of Python computes on one core only."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection
from typing import TypeVar

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError

_T = TypeVar("_T")


def cores() -> int:
    """Return on how many cores this process may run."""
    # Not every system knows to which cores a process is bound.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_processes(shares: Sequence[Callable[[], _T]]) -> list[_T]:
    """Return what each share returns. The first one is worked on here, each other one in a fork of this process, which
    must not have other threads. Raises :class:`TpopsError` when one of them ends too early."""
    forking = multiprocessing.get_context("fork")
    with ExitStack() as stack:
        receivers = []
        for share in shares[1:]:
            receiver, sender = forking.Pipe(duplex=False)
            process = forking.Process(target=_work, args=(share, sender))
            process.start()
            sender.close()
            stack.callback(process.join)
            stack.callback(process.terminate)
            receivers.append(stack.enter_context(receiver))
        results = [shares[0]()]
        try:
            return results + [receiver.recv() for receiver in receivers]
        except EOFError:
            text = "A process that shared the work ended too early"
            raise TpopsError(text, hint="Check whether the controller has enough memory.") from None


def _work(share: Callable[[], _T], sender: Connection) -> None:
    with sender:
        sender.send(share())
