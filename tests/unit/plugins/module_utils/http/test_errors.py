# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Errors, and what the platform's codes mean."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.http import error_codes, errors

FACTS = ("status", "code", "operation", "trace_id", "hint")
# An InputError is made differently, and has tests of its own.
KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.TpopsError) and kind is not errors.InputError
]


def test_result_has_message_hint_and_facts() -> None:
    error = errors.ApiFailure(
        "it failed", status=400, code="DBS.200001", operation="op", method="GET", path="/v3/x", trace_id="t-1"
    )
    assert str(error) == error.message == "it failed"
    assert error.as_result() == {
        "msg": f"it failed. {error_codes.HINTS['DBS.200001']}",
        "error": {
            "kind": "ApiFailure",
            "status": 400,
            "code": "DBS.200001",
            "operation": "op",
            "trace_id": "t-1",
            "hint": error_codes.HINTS["DBS.200001"],
        },
    }
    assert (error.method, error.path, error.details) == ("GET", "/v3/x", {})


def test_result_without_facts() -> None:
    error = errors.TpopsError("it failed.", details={"a": 1})
    assert error.as_result() == {"msg": "it failed.", "error": {"kind": "TpopsError", **dict.fromkeys(FACTS)}}
    assert error.details == {"a": 1}


def test_own_hint_wins() -> None:
    assert errors.NotFound("gone", code="DBS.200002", hint="look elsewhere").hint == "look elsewhere"


@pytest.mark.parametrize(
    ("option", "about", "first", "text"),
    [
        ("endpoint", "", "endpoint", "endpoint: is wrong"),
        ("hosts[0].name", "db-1", "hosts[0].name", "hosts[0].name (db-1): is wrong"),
        (("since", "until"), "", "since", "since, until: is wrong"),
    ],
)
def test_an_input_error_names_its_option(option: Any, about: str, first: str, text: str) -> None:
    error = errors.InputError(option, "is wrong", about=about, hint="Look it up.")
    copy = pickle.loads(pickle.dumps(error))
    for each in (error, copy):
        assert (str(each), each.option, each.hint) == (text, first, "Look it up.")
    # It is about a task, so no other one is told about it.
    with pytest.raises(ValueError, match="not an error"):
        errors.from_data(errors.as_data(error))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_an_error_controls_a_terminal(kind: type[errors.TpopsError]) -> None:
    odd = "a\x1b[2Jb\r\nc\u202e" + "x" * 100_000
    error = kind(odd, code=odd, trace_id=odd)
    error.message += "\n\x1b"
    shown = error.as_result()
    texts = [str(error), shown["msg"], shown["error"]["code"], shown["error"]["trace_id"]]
    assert all(text.isprintable() and text.startswith("a\ufffd[2Jb c\ufffd") for text in texts)
    assert [len(text) for text in texts] == [10_000, 10_000, 100, 100]


@pytest.mark.parametrize("kind", KINDS)
def test_errors_as_plain_data(kind: type[errors.TpopsError]) -> None:
    error = kind(
        "it failed", status=400, code="DBS.1", operation="op", method="GET", path="/v3/x", trace_id="t-1", hint="Do it."
    )
    copy = errors.from_data(json.loads(json.dumps(errors.as_data(error))))
    assert copy.__class__ is kind
    assert (copy.as_result(), copy.method, copy.path) == (error.as_result(), "GET", "/v3/x")
    for data in ({}, {"kind": "TpopsErro"}, {"kind": "Mapping"}, {"kind": None}):
        with pytest.raises(ValueError, match="not an error"):
            errors.from_data(data)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_caught_as_one_and_survives_pickling(kind: type[errors.TpopsError]) -> None:
    error = kind("it failed", status=500)
    copy = pickle.loads(pickle.dumps(error))
    assert copy.__class__ is kind
    assert (str(copy), copy.status, copy.args) == ("it failed", 500, ("it failed",))


def test_job_errors_carry_the_job() -> None:
    job = {"name": "Create", "status": "Failed", "progress": 45, "instance_id": "in14"}
    error = errors.JobFailed("it failed", job_id="j1", job=job)
    assert error.as_result()["job"] == {"id": "j1", "name": "Create", "status": "Failed", "progress": 45}
    assert error.job == job
    assert "job" not in errors.JobTimeout("too late").as_result()


def test_hints_are_sentences() -> None:
    assert len(error_codes.HINTS) == 89
    for code, hint in error_codes.HINTS.items():
        assert code.startswith("DBS.") and hint.endswith(".") and hint[0].isupper(), code


def test_zeros_of_a_code_do_not_matter() -> None:
    assert (
        error_codes.hint_for("DBS.06013035") == error_codes.hint_for("dbs.6013035") == error_codes.HINTS["DBS.6013035"]
    )
    assert error_codes.hint_for("DBS.000000") is None
    assert error_codes.hint_for(None) is None
    assert error_codes.code_in("DBS.5000084", error_codes.BUSY_CODES)
    # The error of an upgrade while something else runs: appendix A.3 has a separate code for it.
    assert error_codes.code_in("DBS.280012", error_codes.BUSY_CODES)
    assert not error_codes.code_in(None, error_codes.BUSY_CODES)
    same = [error_codes.same_code(code) for code in error_codes.HINTS]
    assert len(set(same)) == len(same), "two codes of the appendix are the same without their zeros"


def test_a_code_has_one_meaning() -> None:
    sets = (
        error_codes.BUSY_CODES,
        error_codes.NOT_FOUND_CODES,
        error_codes.PERMISSION_CODES,
        error_codes.LOGIN_REFUSED_CODES,
    )
    assert len(frozenset().union(*sets)) == sum(len(each) for each in sets)
