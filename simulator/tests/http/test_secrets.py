# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret is in the request log, on the page, in the log, in messages or in what the admin API returns."""

from __future__ import annotations

import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from tpops_simulator import contract
from tpops_simulator.chapters.host_sheet import COLUMNS
from tpops_simulator.model import xlsx

CONTRACT = contract.load()
SENTINEL = "Sentinel_Pw1"
# A secret with a wrong type is also a secret.
WRAPPED = (f'{{"value": "{SENTINEL}"}}', f'["{SENTINEL}"]')
# Usual names of secrets, and fields with such a name that are not secret, with the reason.
SECRET_NAME = re.compile(
    r"pass|pwd|secret|token|credential|private|(^|_)(s|a|client|ssl|access)_?key$|rand_", re.IGNORECASE
)
NOT_SECRET = {"isBypassRls": "Whether a user is exempt from row level security."}


def request_schemas(operation: contract.Operation) -> list[Any]:
    spec = CONTRACT.document["paths"][operation.path][operation.method.lower()]
    body = contract.resolve(CONTRACT.document, spec.get("requestBody", {}))
    return [media["schema"] for media in body.get("content", {}).values()]


def forms(schema: Any) -> Iterator[dict[str, Any]]:
    schema = contract.resolve(CONTRACT.document, schema)
    yield schema
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, ()):
            yield from forms(part)


def fields(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field below a schema as its path (`hosts[].os_root_pwd`) and its own schema."""
    for form in forms(schema):
        for name, inner in form.get("properties", {}).items():
            resolved = contract.resolve(CONTRACT.document, inner)
            yield f"{path}{name}", resolved
            yield from fields(resolved, f"{path}{name}.")
        if "items" in form:
            yield from fields(form["items"], f"{path.removesuffix('.')}[].")


def filled(schema: Any) -> Any:
    """A value with every field, and the sentinel in every secret of the contract."""
    found = list(forms(schema))
    if any(form.get("format") == "password" for form in found):
        return SENTINEL
    properties = {name: inner for form in found for name, inner in form.get("properties", {}).items()}
    if properties:
        return {name: filled(inner) for name, inner in properties.items()}
    for form in found:
        if "items" in form:
            return [filled(form["items"])]
        if "enum" in form:
            return form["enum"][0]
        if form.get("type") in ("integer", "number"):
            return form.get("minimum", 1)
        if form.get("type") == "boolean":
            return False
    return "text"


@pytest.fixture(autouse=True)
def log(caplog) -> None:
    """Everything that the simulator logs, without the log of the client of these tests."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "urllib3")


WITH_BODY = [operation for operation in CONTRACT.operations.values() if request_schemas(operation)]
WITH_SECRET = [
    operation
    for operation in WITH_BODY
    if any(
        inner.get("format") == "password" for schema in request_schemas(operation) for _path, inner in fields(schema)
    )
]


def test_the_contract_marks_fields_named_like_a_secret():
    described = [
        (f"{operation.operation_id}: {path}", path.rpartition(".")[2], inner)
        for operation in CONTRACT.operations.values()
        for schema in request_schemas(operation)
        for path, inner in fields(schema)
    ]
    named = [(place, inner) for place, name, inner in described if SECRET_NAME.search(name) and name not in NOT_SECRET]
    texts = [(place, inner) for place, inner in named if inner.get("type") not in ("boolean", "integer")]
    assert len(texts) > 15
    assert [place for place, inner in texts if inner.get("format") != "password"] == []


def leaks(client, caplog, secret: str = SENTINEL) -> list[str]:
    """The parts of the simulator's visible output that contain the secret."""
    names = ("estate", "state", "jobs", "faults", "site")
    parts = [client.raw("GET", f"/_simulator/{name}").text for name in names]
    entries = [json.dumps(entry) for entry in client.simulator.requests.entries()]
    return [part for part in (*parts, *entries, client.raw("GET", "/").text, caplog.text) if secret in part]


def send(client, operation: contract.Operation, **options: Any) -> Any:
    path = re.sub(r"\{\w+\}", "x", operation.path)
    return client.request(operation.method, path, **options)


@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.operation_id)
def test_no_body_shows_its_secrets(client, caplog, operation):
    schema = request_schemas(operation)[0]
    whole = filled(schema)
    body = whole if isinstance(whole, dict) else {}
    below, listed = (json.loads(json.dumps(whole).replace(f'"{SENTINEL}"', form)) for form in WRAPPED)
    assert (SENTINEL in json.dumps(whole)) == (operation in WITH_SECRET)
    client.simulator.requests.clear()
    replies = [
        send(client, operation, json=whole),
        send(client, operation, json={**body, "neutral": SENTINEL}),
        send(client, operation, json={**body, "neutral": {"value": [{"name": SENTINEL}]}}),
        send(client, operation, json=below),
        send(client, operation, json=listed),
        send(client, operation, json=SENTINEL),
        send(client, operation, json=[{"neutral": SENTINEL}]),
        send(client, operation, json=whole, params={"neutral": SENTINEL}),
        send(client, operation, data={**body, "neutral": SENTINEL}),
        send(client, operation, files={"neutral": ("x", SENTINEL)}),
        send(client, operation, data=f'{{"neutral": "{SENTINEL}'),
    ]
    assert len(client.simulator.requests) == len(replies)
    # What an error message quotes ends up in the log of the client.
    assert [reply.text for reply in replies if SENTINEL in reply.text] == []
    assert leaks(client, caplog) == []


def test_fields_that_are_not_secret_are_in_the_log(client):
    client.post("/gaussdb/v3/data-centers", json={"data_centers": [{"name": "east", "description": ""}]})
    client.put("/gaussdb/v3/instances/x/db-user/password", json={"name": "clerk", "password": SENTINEL})
    first, second = client.simulator.requests.entries()[-2:]
    assert first["body"] == {"data_centers": [{"name": "east", "description": ""}]}
    assert second["body"] == {"name": "clerk", "password": "********"}
    client.get("/gaussdb/v3/hosts", params={"limit": 5, "name": "db", "pass": SENTINEL})
    assert client.simulator.requests.last(1)[0]["query"] == {"limit": "5", "name": "db", "pass": "********"}


def test_requests_without_an_operation_are_redacted(client, caplog):
    replies = [
        client.post("/v3/no-such-thing", json={"name": SENTINEL}, params={"name": SENTINEL}),
        client.post("/v3/auth/mini-token", json={"username": "admin", "password": SENTINEL}, token=None),
        client.get("/v3/auth/mini-token", params={"password": SENTINEL}),
    ]
    client.site.go_down("503")
    replies.append(client.post("/v3/auth/mini-token", json={"username": "admin", "password": SENTINEL}))
    client.site.come_up()
    assert [reply.status_code for reply in replies] == [404, 400, 405, 503]
    assert SENTINEL not in "".join(reply.text for reply in replies)
    assert leaks(client, caplog) == []


def test_a_workbook_with_passwords_is_not_in_the_log(client, caplog):
    row = ["db-1", *[""] * (len(COLUMNS) - 1)]
    row[COLUMNS.index("os_root_pwd")] = SENTINEL
    content = xlsx.write([COLUMNS, row]).hex()
    reply = client.post("/gaussdb/v3/hosts/file-verification", json={"file": content})
    assert reply.status_code == 400 and SENTINEL not in reply.text
    assert leaks(client, caplog, content) == []


def test_a_failing_handler_logs_the_place_but_no_values(fresh, caplog):
    client = fresh()

    def handler(_site, request):
        raise ValueError(f"cannot read {request.body['password']}")

    client.simulator.registry.handlers["reset_user_password"] = handler
    reply = client.put("/gaussdb/v3/instances/x/db-user/password", json={"name": "clerk", "password": SENTINEL})
    client.site.schedule(0, lambda _site: handler(_site, type("Request", (), {"body": {"password": SENTINEL}})))
    client.advance(1)
    assert reply.status_code == 500
    assert "ValueError" in caplog.text and "in handler" in caplog.text and "a timer failed" in caplog.text
    assert SENTINEL not in reply.text
    assert leaks(client, caplog) == []


def workbook(sheet: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return buffer.getvalue()


SHEET = (
    '<?xml version="1.0" encoding="{encoding}"?>{type}'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="{row}"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "UTF-16-LE", "ISO-8859-1"])
@pytest.mark.parametrize(
    "type_", ['<!DOCTYPE worksheet [<!ENTITY e "expanded">]>', '<!DOCTYPE x SYSTEM "file:///etc/passwd">']
)
def test_a_workbook_has_no_document_type_in_any_encoding(encoding, type_):
    text = "&e;" if "ENTITY" in type_ else "x"
    sheet = SHEET.format(encoding=encoding.removesuffix("-LE"), type=type_, text=text, row=1)
    with pytest.raises(xlsx.XlsxError):
        list(xlsx.read(workbook(sheet.encode(encoding))))


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16"])
def test_a_workbook_is_read_in_any_encoding(encoding):
    sheet = SHEET.format(encoding=encoding, type="", text="数据", row=1).encode(encoding)
    assert list(xlsx.read(workbook(sheet))) == [(1, {0: "数据"})]


@pytest.mark.parametrize(
    "content",
    [
        workbook(SHEET.format(encoding="gbk", type="", text="x", row=1).encode()),
        workbook(SHEET.format(encoding="nonsense", type="", text="x", row=1).encode()),
        workbook(SHEET.format(encoding="UTF-8", type="", text="x", row="one").encode()),
        workbook(SHEET.format(encoding="UTF-8", type="", text="x", row="9" * 5000).encode()),
        workbook(b""),
        workbook(b"<a>" * 100_000),
        workbook(SHEET.format(encoding="UTF-8", type="", text="x", row=1).encode()).replace(b"<row", b"<rov", 1),
        workbook(b"<worksheet/>")[:-9],
    ],
    ids=["multi-byte", "unknown-encoding", "row", "long-row", "empty", "deep", "checksum", "cut-off"],
)
def test_an_unreadable_workbook_has_its_own_error(content):
    with pytest.raises(xlsx.XlsxError):
        list(xlsx.read(content))
