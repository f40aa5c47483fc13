# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where evidence is sent to, given as data: a Git repository, a WebDAV folder, an S3 bucket, or a mailbox.

A sink that cannot be reached is tried again, and then it is a reason in a note: it never fails what was done.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.redact import Redactor, find_secret_values

OPTION = "gaussdb_evidence_sink"
# The code of the note about a sink that did not take the evidence.
NOTE = "evidence_sink"

SECRET: dict[str, Any] = {"type": "str", "no_log": True}
URL: dict[str, Any] = {"type": "str", "required": True}
LOGIN: dict[str, Any] = {"username": {"type": "str"}, "password": SECRET}
COMMON: dict[str, Any] = {
    "kind": {"type": "str", "required": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "int", "default": 30},
    "retries": {"type": "int", "default": 3},
}
KINDS: dict[str, dict[str, Any]] = {
    "git": {
        "url": URL,
        **LOGIN,
        "branch": {"type": "str", "default": "main"},
        "folder": {"type": "str", "default": ""},
        "ssh_key": {"type": "path"},
        "author": {"type": "str", "default": "gaussdb.tpops"},
        "email": {"type": "str", "default": "gaussdb.tpops@localhost"},
    },
    "webdav": {"url": URL, **LOGIN},
    "s3": {
        "url": URL,
        "access_key": {**SECRET, "required": True},
        "secret_key": {**SECRET, "required": True},
        "region": {"type": "str", "required": True},
    },
    "mail": {
        "host": {"type": "str", "required": True},
        "port": {"type": "int"},
        "security": {"type": "str", "choices": ["starttls", "tls", "none"], "default": "starttls"},
        **LOGIN,
        "sender": {"type": "str", "required": True},
        "to": {"type": "list", "elements": "str", "required": True},
    },
}
# A Git repository may also be a path, or the address of an SSH server.
ONLY_HTTPS = ("webdav", "s3")
# A mail cannot be taken back: it goes last, and once.
ONCE = ("mail",)
LONGEST_WAIT = 30
MEDIA_TYPES = {".json": "application/json", ".html": "text/html", ".md": "text/markdown"}

Sink = Mapping[str, Any]


class SinkError(Exception):
    """A sink did not take the evidence. ``transient`` tells whether it may do so later."""

    def __init__(self, message: str, transient: bool = True) -> None:
        super().__init__(message)
        self.transient = transient


@dataclass(frozen=True)
class File:
    """A file of evidence: its name without a folder, and its bytes."""

    name: str
    content: bytes

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES.get(os.path.splitext(self.name)[1], "application/octet-stream")


@dataclass(frozen=True)
class Parcel:
    """What is sent: files, one line ``about`` them, and more ``lines`` for a person who reads a mail."""

    files: Sequence[File]
    about: str
    lines: Sequence[str] = ()


Send = Callable[[Sink, Parcel], None]


def check_sinks(sinks: Any) -> list[dict[str, Any]]:
    """Return the sinks, given as one or as a list, with their defaults. Raises :class:`InputError`, which names a sink
    by its place in the list, and never shows a secret."""
    if isinstance(sinks, Mapping):
        return [_check_sink(OPTION, sinks)] if sinks else []
    if not isinstance(sinks, (list, tuple)):
        raise InputError(OPTION, f"must be a sink or a list of sinks, each with kind: {', '.join(KINDS)}")
    return [_check_sink(f"{OPTION}[{number}]", sink) for number, sink in enumerate(sinks)]


def _check_sink(name: str, sink: Any) -> dict[str, Any]:
    kind = sink.get("kind") if isinstance(sink, Mapping) else None
    if kind not in KINDS:
        given = "missing" if kind is None else f"{kind!r} is not a kind of sink"
        raise InputError(f"{name}.kind", f"{given}. Kinds: {', '.join(KINDS)}")
    redactor = redactor_of(sink)
    result = ArgumentSpecValidator({**COMMON, **KINDS[kind]}).validate(
        {key: value for key, value in sink.items() if value is not None}
    )
    if result.unsupported_parameters:
        unknown = ", ".join(sorted(map(str, result.unsupported_parameters)))
        options = ", ".join(sorted({**COMMON, **KINDS[kind]}))
        raise InputError(name, f"unknown option of a sink of the kind {kind}: {unknown}. Options: {options}")
    if result.error_messages:
        raise InputError(name, redactor.censor("; ".join(result.error_messages)))
    checked: dict[str, Any] = dict(result.validated_parameters)
    _check_values(name, checked)
    return checked


def _check_values(name: str, sink: Mapping[str, Any]) -> None:
    """Refuse what no sink can be: an address that shows a password, or that sends one without encryption."""
    for option in ("url", "host", "sender", "to"):
        if option in sink and not sink[option]:
            raise InputError(f"{name}.{option}", "must not be empty")
    address = urlsplit(sink.get("url", ""))
    if address.password or (address.username and address.scheme in ("http", "https")):
        raise InputError(f"{name}.url", "must not contain a user or a password. Use the options for them")
    if sink["kind"] in ONLY_HTTPS and address.scheme != "https":
        raise InputError(f"{name}.url", "must begin with https://")
    if sink.get("password") and (address.scheme == "http" or sink.get("security") == "none"):
        raise InputError(f"{name}.password", "would be sent without encryption")
    if bool(sink.get("password")) != bool(sink.get("username")):
        raise InputError(f"{name}.password", "username and password are given together")
    if sink.get("url", "").startswith("-") or str(sink.get("branch", "")).startswith("-"):
        raise InputError(name, "url and branch must not begin with a dash")
    if ".." in sink.get("folder", "").split("/") or sink.get("folder", "").startswith("/"):
        raise InputError(f"{name}.folder", "must be a folder inside the repository")
    for option in ("ca_path", "ssh_key"):
        if sink.get(option) and not os.path.isfile(sink[option]):
            raise InputError(f"{name}.{option}", f"there is no file {sink[option]} on the controller")
    for option, least in (("timeout", 1), ("retries", 0)):
        if sink[option] < least:
            raise InputError(f"{name}.{option}", f"must be at least {least}")


def redactor_of(sink: Any) -> Redactor:
    """Return what censors the secrets of a sink."""
    redactor = Redactor()
    redactor.add(find_secret_values(sink))
    return redactor


def label_of(sink: Sink) -> str:
    """Return what people call a sink: its kind and address."""
    return f"{sink['kind']} {sink.get('url') or sink.get('host')}"


def deliver(sink: Sink, parcel: Parcel, send: Send, sleep: Callable[[float], None]) -> str:
    """Send the evidence to one sink, and again while that may help. Returns why it has failed, ``""`` if it has not."""
    censor, reason = redactor_of(sink).censor, ""
    for attempt in range(sink["retries"] + 1):
        if attempt:
            sleep(min(2 ** (attempt - 1), LONGEST_WAIT))
        try:
            send(sink, parcel)
            return ""
        except SinkError as error:
            reason = str(censor(str(error)))
            if not error.transient:
                break
        except Exception as error:  # A sink that behaves in an unknown way must not fail what was done.
            reason = str(censor(f"{type(error).__name__}: {error}"))
    return reason


def in_order(sinks: Sequence[Sink]) -> list[int]:
    """Return the numbers of the sinks in the order in which they are sent to: those that are sent to once go last."""
    return sorted(range(len(sinks)), key=lambda number: sinks[number]["kind"] in ONCE)
