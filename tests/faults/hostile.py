# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile replies: what a broken platform, a proxy, or an attacker in between may answer.

A shape turns the simulator's reply into another one. There are four kinds:

* * ``broken``: it cannot be mistaken for a valid reply of the operation, so a write answered like this is not
  acknowledged.
* * ``refused``: it says that nothing was done, and to retry later. If the platform did it, this is a lie.
* * ``odd``: the same content in an unusual form; the client may accept it or not.
* * ``lies``: different content, well formed. Only the form of the client's result is judged.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sockets import Reply, Stream

BROKEN, REFUSED, ODD, LIES = "broken", "refused", "odd", "lies"
Change = Callable[[Reply], Reply]


@dataclass(frozen=True)
class Shape:
    name: str
    kind: str
    change: Change


SHAPES: dict[str, Shape] = {}


def add(name: str, kind: str, change: Change) -> None:
    assert name not in SHAPES
    SHAPES[name] = Shape(name, kind, change)


def replaced(
    reply: Reply, body: bytes | Stream | None = None, status: int | None = None, **headers: str | None
) -> Reply:
    """Return a reply with other parts; a header of ``None`` is left out."""
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    kept = [(name, value) for name, value in reply.headers if name.lower() not in {*named, "content-length"}]
    kept += [(name, value) for name, value in named.items() if value is not None]
    content = reply.body if body is None else body
    if isinstance(content, bytes) and "content-length" not in named:
        kept.append(("content-length", str(len(content))))
    return Reply(status or reply.status, kept, content)


def body_shape(name: str, kind: str, content: bytes, status: int | None = None, **headers: str | None) -> None:
    add(name, kind, lambda reply: replaced(reply, content, status, **{"content_type": "application/json", **headers}))


def header_shape(name: str, kind: str, status: int | None = None, **headers: str | None) -> None:
    add(name, kind, lambda reply: replaced(reply, status=status, **headers))


def json_shape(name: str, kind: str, change: Callable[[Any], Any]) -> None:
    """A shape of the data of a reply. A reply that is not JSON stays unchanged."""

    def apply(reply: Reply) -> Reply:
        try:
            data = json.loads(reply.body) if isinstance(reply.body, bytes) else None
        except ValueError:
            return reply
        changed = change(data)
        return reply if changed == data else replaced(reply, json.dumps(changed).encode())

    add(name, kind, apply)


def leaf_shape(name: str, kind: str, change: Callable[[Any], Any], only: type | tuple[type, ...] = object) -> None:
    """A shape of the values inside a reply, at any depth."""

    def walk(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {inner: walk(each, inner) for inner, each in value.items()}
        if isinstance(value, list):
            return [walk(each) for each in value]
        fits = isinstance(value, only) and not (isinstance(value, bool) and only is not object and only is not bool)
        return change(value) if fits else value

    json_shape(name, kind, walk)


def list_shape(name: str, kind: str, change: Callable[[list[Any]], Any]) -> None:
    """A shape of the lists inside a reply."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {inner: walk(each) for inner, each in value.items()}
        return change(value) if isinstance(value, list) else value

    json_shape(name, kind, walk)


def key_shape(name: str, kind: str, change: Callable[[Mapping[str, Any]], Any]) -> None:
    """A shape of the objects inside a reply."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return change({inner: walk(each) for inner, each in value.items()})
        return [walk(each) for each in value] if isinstance(value, list) else value

    json_shape(name, kind, walk)


_bomb: dict[str, bytes] = {}


def gzip_bomb(reply: Reply) -> Reply:
    if not _bomb:
        raw = io.BytesIO()
        with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=9) as packed:
            packed.write(b'{"jobs": "')
            for _unused in range(400):
                packed.write(b"0" * 1024**2)
        _bomb["content"] = raw.getvalue()
    return replaced(reply, _bomb["content"], content_encoding="gzip", content_type="application/json")


class Flood:
    """Each page is full, and none is the last: the first row repeated, each time with a different name."""

    def __init__(self) -> None:
        self._page = 0

    def __call__(self, reply: Reply) -> Reply:
        data = json.loads(reply.body) if isinstance(reply.body, bytes) and reply.body.strip().startswith(b"{") else {}
        self._page += 1
        for key, value in data.items():
            if isinstance(value, list) and value:
                data[key] = [_renamed(value[0], f"{self._page}-{row}") for row in range(100)]
        return replaced(reply, json.dumps({**data, "total": 10**9, "total_count": 10**9}).encode() if data else None)


def _renamed(row: Any, mark: str) -> Any:
    named = ("id", "name")
    return (
        {**row, **{key: f"{row[key]}{mark}" for key in named if isinstance(row.get(key), str)}}
        if isinstance(row, dict)
        else row
    )
