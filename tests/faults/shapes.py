# SPDX-License-Identifier: GPL-3.0-or-later
"""All hostile shapes; see ``hostile`` for what a shape is."""

from __future__ import annotations

import json
import zlib
from copy import copy
from typing import Any

from hostile import (
    BROKEN,
    LIES,
    ODD,
    REFUSED,
    SHAPES,
    Flood,
    add,
    body_shape,
    gzip_bomb,
    header_shape,
    json_shape,
    key_shape,
    leaf_shape,
    list_shape,
    replaced,
)
from sockets import Stream

_CONTROLS = "\x1b[31mred\x1b[0m\r\nok: [localhost]\x07"
_HTML = b"<html><head><title>Log in</title></head><body>Please log in</body></html>"

# A completely different reply.
for name, content in {
    "an empty object": b"{}",
    "an empty list": b"[]",
    "null": b"null",
    "an empty text": b'""',
    "a number": b"0",
    "true": b"true",
    "false": b"false",
    "success that is denied": b'{"success": false, "result": "failed"}',
    "blanks": b"  \n",
    "nothing": b"",
    "not JSON": b"OK",
    "half an object": b'{"a": [1, 2',
    "two objects": b'{"a": 1}{"b": 2}',
    "NaN": b'{"total": NaN, "jobs": Infinity}',
    "10,000 levels": b"[" * 10_000 + b"]" * 10_000,
    "10,000 open levels": b'{"a":' * 10_000,
    "no UTF-8": b'{"name": "\xff\xfe\xfa"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "only a BOM": b"\xef\xbb\xbf",
    "zeros": b"\x00" * 64,
    "an error as a text": b"DBS.200824: The instance does not exist",
    "an error as a JSON text": b'"DBS.200824: The instance does not exist"',
    "errors in a list": b'{"errors": [{"code": "DBS.200824", "message": "The instance does not exist"}]}',
    "an error with status 200": b'{"error_code": "DBS.200412", "error_msg": "Internal error"}',
    "a number of 5,000 digits": b'{"total": ' + b"9" * 5000 + b"}",
    "a long text": b'"' + b"x" * 1_000_000 + b'"',
    "a million items": b"[" + b"0," * 1_000_000 + b"0]",
}.items():
    body_shape(name, BROKEN, content)
# A reply instead of a file is not an attachment; as an attachment an HTML page may be a report.
body_shape("HTML", BROKEN, _HTML, content_type="text/html", content_disposition=None)
body_shape("HTML that calls itself JSON", BROKEN, _HTML, content_disposition=None)
body_shape(
    "XML", BROKEN, b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", content_type="application/xml"
)

# Errors in other forms.
_ERRORS: dict[str, Any] = {
    "of plain text": b"DBS.200824: The instance does not exist",
    "in a list": {"errors": [{"code": "DBS.200824", "message": "The instance does not exist"}]},
    "with a code of 100,000 characters": {"error_code": "D" * 100_000, "error_msg": "x"},
    "with a message of 100,000 characters": {"error_code": "DBS.200001", "error_msg": "m" * 100_000},
    "with control characters": {"error_code": "DBS.200001" + _CONTROLS, "error_msg": _CONTROLS},
    "with objects": {"error_code": {"a": 1}, "error_msg": {"b": [2]}},
    "with numbers": {"error_code": 200001, "error_msg": 0},
    "with nulls": {"error_code": None, "error_msg": None},
    "with half a surrogate": {"error_code": "DBS.200001", "error_msg": "a\ud800b"},
    "with a template": {"error_code": "DBS.200001", "error_msg": "{{ 7 * 7 }}"},
    "of nothing": b"",
    "of 10,000 levels": b"[" * 10_000,
    "of HTML": _HTML,
}
for name, error in _ERRORS.items():
    for status in (400, 500):
        body_shape(
            f"an error {status} {name}",
            BROKEN,
            error if isinstance(error, bytes) else json.dumps(error).encode(),
            status,
        )

# Statuses and headers.
header_shape("a redirect to another host", BROKEN, 302, location="https://other.invalid/")
header_shape("a redirect that keeps the method", BROKEN, 307, location="/rds/elsewhere")
header_shape("a redirect to nowhere", BROKEN, 301)
header_shape("status 204", ODD, 204)
header_shape("status 206", ODD, 206)
header_shape("status 299", ODD, 299)
header_shape("status 304", BROKEN, 304)
header_shape("status 418", BROKEN, 418)
header_shape("status 599", BROKEN, 599)
for value in (
    "²",
    "-5",
    "1e400",
    "9" * 40,
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Mon, 01 Jan 0001 00:00:00 +1400",
    "soon",
    "nan",
    "0",
    " ",
):
    header_shape(f"busy, Retry-After {value[:12]}", REFUSED, 503, retry_after=value)
for value in (
    "Mon, 01 Jan 0001 00:00:00 +1400",
    "Fri, 31 Dec 9999 23:59:59 -1200",
    "yesterday",
    "",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "²",
):
    header_shape(f"Date {value[:16]}", LIES, date=value)
header_shape("no Content-Type", ODD, content_type=None)
header_shape("Content-Type text/plain", ODD, content_type="text/plain; charset=utf-16")
header_shape("Content-Type of a file", ODD, content_type="application/octet-stream")
header_shape("a trace ID of control characters", ODD, x_trace_id=_CONTROLS.replace("\r\n", " "))
header_shape("a trace ID of 100,000 characters", ODD, x_trace_id="t" * 100_000)
header_shape("a cookie", ODD, set_cookie="token=stolen; Domain=.invalid; Path=/")
header_shape("an unknown encoding", BROKEN, content_encoding="br, x-unknown")
header_shape("gzip that is none", BROKEN, content_encoding="gzip")
for value in ("9" * 18, "-1", "²", "1, 2"):
    header_shape(f"Content-Length {value[:8]}", BROKEN if value == "9" * 18 else ODD, content_length=value)
add("a gzip bomb", BROKEN, gzip_bomb)
add(
    "deflate",
    ODD,
    lambda reply: (
        replaced(reply, zlib.compress(reply.body), content_encoding="deflate")
        if isinstance(reply.body, bytes)
        else reply
    ),
)
add(
    "a BOM before it",
    ODD,
    lambda reply: replaced(reply, b"\xef\xbb\xbf" + reply.body) if isinstance(reply.body, bytes) else reply,
)

# Slow or endless bodies.
for name, stream, more in (
    ("one byte every 0.3 s", Stream(0.3, 1), {"content_length": "1000000"}),
    ("one byte every 25 s", Stream(25.0, 1), {"content_length": "1000000"}),
    ("a body without end", Stream(0.0, 65536), {}),
    ("a slow body without end", Stream(1.0, 16384), {}),
):
    add(name, BROKEN, lambda reply, stream=stream, more=more: replaced(reply, copy(stream), **more))

# The data in another frame.
json_shape("in a list", BROKEN, lambda data: [data])
json_shape("as a text", BROKEN, json.dumps)
json_shape("below data", ODD, lambda data: {"data": data})
json_shape(
    "with more than is known", ODD, lambda data: {**data, "surprise": {"a": [1]}} if isinstance(data, dict) else data
)
add(
    "twice the same keys",
    LIES,
    lambda reply: (
        replaced(reply, b'{"total": 1, "total": "x", "job_id": 5, "id": {}, ' + reply.body[1:])
        if reply.body[:1] == b"{"
        else reply
    ),
)

# Other values, at any depth.
for name, value in {
    "null": None,
    "an object": {"a": 1},
    "a list": ["a"],
    "a number": 7,
    "true": True,
    "empty": "",
    "blank": "   ",
}.items():
    leaf_shape(f"each text is {name}", LIES, lambda _old, value=value: value, str)
for name, value in {
    "a text": "many",
    "null": None,
    "-1": -1,
    "10^30": 10**30,
    "1.5": 1.5,
    "an object": {},
    "10^400": 10**400,
}.items():
    leaf_shape(f"each number is {name}", LIES, lambda _old, value=value: value, (int, float))
leaf_shape("each number is NaN", LIES, lambda _old: float("nan"), (int, float))
leaf_shape("each truth is a text", LIES, str, bool)
leaf_shape("each value is null", LIES, lambda _old: None)
leaf_shape("each text with control characters", LIES, lambda old: old + _CONTROLS, str)
leaf_shape("each text with half a surrogate", LIES, lambda old: old + "\ud800", str)
leaf_shape("each text of 20,000 characters", LIES, lambda old: old + "x" * 20_000, str)
leaf_shape("each text a path", LIES, lambda _old: "../../elsewhere?x=1#y", str)
leaf_shape("each text a template", LIES, lambda _old: "{{ 7 * 7 }}", str)
leaf_shape("each text in capitals", LIES, str.upper, str)
leaf_shape("each text in small letters", LIES, str.lower, str)
leaf_shape("each text with blanks around it", LIES, lambda old: f" {old} ", str)
leaf_shape("each text in Chinese", LIES, lambda _old: "正在处理", str)
leaf_shape("each text --", LIES, lambda _old: "--", str)

# Other rows.
for name, row in {"null": None, "a text": "x", "a number": 1, "a list": [], "an empty object": {}}.items():
    list_shape(f"each row is {name}", LIES, lambda rows, row=row: [row for _old in rows])
list_shape("each list is null", LIES, lambda _rows: None)
list_shape("each list is an object", LIES, lambda rows: {str(number): row for number, row in enumerate(rows)})
list_shape("each list is a text", LIES, lambda _rows: "none")
list_shape("each list is three times as long", LIES, lambda rows: rows * 3)
list_shape("each list with a null among its rows", LIES, lambda rows: [None, *rows])
json_shape(
    "a list that ends before its total",
    LIES,
    lambda data: {**data, "total": 10**6, "total_count": 10**6} if isinstance(data, dict) else data,
)
json_shape(
    "a negative total", LIES, lambda data: {**data, "total": -1, "total_count": -1} if isinstance(data, dict) else data
)
json_shape(
    "a total in words",
    LIES,
    lambda data: {**data, "total": "many", "total_count": "many"} if isinstance(data, dict) else data,
)
add("pages without end", LIES, Flood())

# Other keys.
key_shape("keys in capitals", LIES, lambda entry: {key.upper(): value for key, value in entry.items()})
key_shape(
    "keys in camel case", LIES, lambda entry: {key.title().replace("_", ""): value for key, value in entry.items()}
)
key_shape("each other key is missing", LIES, lambda entry: dict(list(entry.items())[::2]))
key_shape("no IDs", LIES, lambda entry: {key: value for key, value in entry.items() if key not in ("id", "name")})
for name, value in {
    "missing": ...,
    "null": None,
    "empty": "",
    "an object": {"id": 1},
    "a list": [],
    "a number": 0,
    "a path": "../x",
}.items():
    key_shape(
        f"a job ID that is {name}",
        BROKEN,
        lambda entry, value=value: {
            key: each if key not in ("job_id", "jobId") else value
            for key, each in entry.items()
            if key not in ("job_id", "jobId") or value is not ...
        },
    )

__all__ = ["SHAPES"]
