# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lists of names and IDs."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.lookup import NameLookup
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, NotFound

ENTRIES = [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}, {"id": "3", "name": "b"}]


def directory(check_mode: bool = False) -> tuple[NameLookup, list[str]]:
    warnings: list[str] = []
    return NameLookup(SimpleNamespace(check_mode=check_mode, warn=warnings.append), "thing", ENTRIES), warnings  # type: ignore[arg-type]


def test_names_and_ids_lead_to_ids() -> None:
    assert directory()[0].identities(["a", "1", "2"], "things") == ["1", "2"]


def test_an_object_is_shown_by_its_name_unless_others_have_it() -> None:
    things, _warnings = directory()
    assert [things.label(value) for value in ("1", "a", "2", "9")] == ["a", "a", "2", "9"]


def test_a_name_of_several_is_refused_with_their_ids() -> None:
    with pytest.raises(InputError, match="things: 2 things are named b: 2, 3"):
        directory()[0].identity("b", "things")


def test_what_is_not_there_is_an_error_that_names_the_option() -> None:
    with pytest.raises(NotFound, match="things: there is no thing named x"):
        directory()[0].identity("x", "things")


def test_in_check_mode_an_earlier_task_may_be_going_to_make_it() -> None:
    things, warnings = directory(check_mode=True)
    assert things.identity("x", "things") is None
    assert len(warnings) == 1
