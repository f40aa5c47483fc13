# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Work that several processes share."""

from __future__ import annotations

import os
from functools import partial

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.shares import cores, in_processes


def work(number: int) -> tuple[int, int]:
    return number, os.getpid()


def test_each_share_has_a_process_and_the_first_one_is_this() -> None:
    results = in_processes([partial(work, number) for number in range(3)])
    assert [number for number, _pid in results] == [0, 1, 2]
    processes = [pid for _number, pid in results]
    assert processes[0] == os.getpid() and len(set(processes)) == 3


def test_a_process_that_ends_too_early_is_an_error() -> None:
    with pytest.raises(TpopsError, match="ended too early"):
        in_processes([partial(work, 1), partial(os._exit, 0)])


def test_no_process_stays_when_the_first_share_fails() -> None:
    here, there = os.pipe()

    def wait() -> None:
        os.read(here, 1)

    def fail() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_processes([fail, wait])
    # All that could still write to it, or read from it, is this process.
    os.close(here)
    with pytest.raises(BrokenPipeError):
        os.write(there, b"x")
    os.close(there)


def test_there_is_at_least_one_core() -> None:
    assert cores() >= 1
