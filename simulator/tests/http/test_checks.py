# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests and replies at the edges of what the contract says, and how an operation is found."""

from __future__ import annotations

import pytest
from starlette.exceptions import HTTPException

from tpops_simulator import contract
from tpops_simulator.http.routing import Router
from tpops_simulator.http.schemas import Schema, Violation

OPERATIONS = contract.load().operations.values()
ROUTER = Router(OPERATIONS)
HOSTS = "/gaussdb/v3/hosts"


class Text(str):
    """Text of another kind, such as Ansible's."""


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_every_operation_is_found_by_its_path(operation):
    found, path = ROUTER.find(operation.method, "/rds" + operation.path.replace("{", "").replace("}", "-1"))
    assert found is operation
    assert path == {p["name"]: f"{p['name']}-1" for p in operation.parameters if p["in"] == "path"}


@pytest.mark.parametrize("path", ["/rds", "/rds/", "/", "", "/rds/gaussdb/v3/instances//databases", "/x" + HOSTS])
def test_nothing_is_found_elsewhere(path):
    with pytest.raises(HTTPException) as caught:
        ROUTER.find("GET", path)
    assert caught.value.status_code == 404


def test_the_head_of_a_read_can_be_asked_for(client):
    reply = client.request("HEAD", HOSTS)
    assert (reply.status_code, reply.content) == (200, b"")


def test_the_code_is_that_of_the_form_or_of_what_has_the_forms():
    forms = {"oneOf": [{"type": "integer", "maximum": 9, "x-error-code": "INNER"}, {"type": "string", "minLength": 2}]}
    schema = Schema({"properties": {"limit": {**forms, "x-error-code": "OUTER"}}, "x-error-code": "NEVER"})
    assert schema.find_violation({"limit": 10}) == Violation("limit: must be 9 at most", "INNER")
    assert schema.find_violation({"limit": "x"}) == Violation("limit: must have 2 characters at least", "OUTER")
    assert Schema(forms).find_violation("x", "query") == Violation(
        "query: must have 2 characters at least", "DBS.200001"
    )


def test_references_are_followed():
    document = {"components": {"schemas": {"Name": {"type": "string", "nullable": True}}}}
    schema = Schema({"items": {"$ref": "#/components/schemas/Name"}}, document)
    assert schema.accepts(["x", None]) and not schema.accepts([1])


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_numbers_that_json_does_not_know(client, number):
    body = f'{{"username": "admin", "password": {number}}}'.encode()
    reply = client.post("/v3/auth/mini-token", data=body, headers={"Content-Type": "application/json"}, token=None)
    assert (reply.status_code, "cannot be read" in reply.json()["error_msg"]) == (400, True)


def test_a_body_that_is_optional_may_be_missing(client):
    reply = client.delete("/gaussdb/v3/instances/nope")
    assert reply.json()["error_code"] not in ("DBS.200006", "DBS.200001")


def test_the_last_of_several_values_counts(client):
    path = "/gaussdb/v3/instances/x/databases"
    first, second = (
        client.get(path, params=[("limit", one), ("limit", other)]).json() for one, other in (("5", "0"), ("0", "5"))
    )
    assert "limit: must be 1 at least" in first["error_msg"]
    assert "limit" not in second["error_msg"]


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        ({"job": {"id": 5}}, "job"),
        (None, "media type is missing"),
        ([], "object"),
    ],
)
def test_replies_outside_the_contract(fresh, reply, word):
    client = fresh()
    client.simulator.registry.handlers["get_job"] = lambda site, request: reply
    found = client.get("/v3/jobs", params={"id": "x"})
    assert (found.status_code, found.json()["error_code"]) == (500, "SIM.0500")
    assert word in found.json()["error_msg"]


def test_a_reply_may_hold_another_kind_of_text(client):
    client.site.start_job(Text("Work"))
    job = next(reversed(client.site.jobs.values()))
    assert client.job(job.id)["name"] == "Work"
