# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sinks of evidence: what is refused before anything is sent, what is tried again, and what is signed."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.evidence import git, mail, put
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.evidence.sinks import (
    File,
    Parcel,
    SinkError,
    check_sinks,
    deliver,
    in_order,
    label_of,
)

SECRET = "Sentinel_Sink-9"
GIT = {"kind": "git", "url": "https://git.example.com/evidence.git"}
DAV = {"kind": "webdav", "url": "https://dav.example.com/evidence"}
S3 = {"kind": "s3", "url": "https://s3.example.com/b", "access_key": "AK", "secret_key": SECRET, "region": "r1"}
MAIL = {"kind": "mail", "host": "mail.example.com", "sender": "a@example.com", "to": ["b@example.com"]}
LOGIN = {"username": "evidence", "password": SECRET}
PARCEL = Parcel([File("run.json", b"{}\n"), File("run.html", b"<p>")], "failover of orders: done")


def test_defaults_are_added() -> None:
    sinks = check_sinks([{**GIT, "username": None}, DAV, S3, MAIL])
    assert [(each["timeout"], each["retries"]) for each in sinks] == [(30, 3)] * 4
    assert (sinks[0]["branch"], sinks[0]["folder"], sinks[3]["security"]) == ("main", "", "starttls")
    assert [label_of(each) for each in (sinks[0], sinks[3])] == [f"git {GIT['url']}", "mail mail.example.com"]


def without(sink: dict[str, Any], option: str) -> dict[str, Any]:
    return {name: value for name, value in sink.items() if name != option}


@pytest.mark.parametrize(
    ("sink", "says"),
    [
        ({"kind": "ftp", "url": "ftp://x"}, "[1].kind: 'ftp' is not a kind of sink. Kinds: git, webdav, s3, mail"),
        ({"url": "https://x"}, "[1].kind: missing"),
        ("https://x", "[1].kind: missing"),
        (without(GIT, "url"), "[1]: missing required arguments: url"),
        ({**GIT, "url": ""}, "[1].url: must not be empty"),
        (without(S3, "region"), "[1]: missing required arguments: region"),
        (without(MAIL, "to"), "[1]: missing required arguments: to"),
        ({**DAV, "branch": "x"}, "[1]: unknown option of a sink of the kind webdav: branch. Options: ca_path, kind"),
        ({**DAV, "url": "http://dav.example.com"}, "[1].url: must begin with https://"),
        ({**GIT, "url": f"https://u:{SECRET}@git.example.com/e"}, "[1].url: must not contain a user or a password"),
        ({**GIT, **LOGIN, "url": "http://git.example.com/e"}, "[1].password: would be sent without encryption"),
        ({**MAIL, **LOGIN, "security": "none"}, "[1].password: would be sent without encryption"),
        ({**MAIL, "security": "ssl"}, "[1]: value of security must be one of: starttls, tls, none, got: ssl"),
        ({**DAV, "password": SECRET}, "[1].password: username and password are given together"),
        ({**GIT, "url": "--upload-pack=x"}, "[1]: url and branch must not begin with a dash"),
        ({**GIT, "folder": "../x"}, "[1].folder: must be a folder inside the repository"),
        ({**GIT, "folder": "/x"}, "[1].folder: must be a folder inside the repository"),
        ({**DAV, "ca_path": "/missing/ca.pem"}, "[1].ca_path: there is no file /missing/ca.pem on the controller"),
        ({**DAV, "timeout": 0}, "[1].timeout: must be at least 1"),
        ({**DAV, "retries": -1}, "[1].retries: must be at least 0"),
        ({**DAV, **LOGIN, "retries": SECRET}, "[1]: argument 'retries' is of type"),
    ],
)
def test_wrong_sinks_are_refused_by_place_and_option(sink: Any, says: str) -> None:
    with pytest.raises(InputError) as caught:
        check_sinks([GIT, sink])
    assert f"gaussdb_evidence_sink{says}" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_one_sink_needs_no_list() -> None:
    assert check_sinks(DAV) == check_sinks([DAV]) and check_sinks({}) == []
    with pytest.raises(InputError, match="gaussdb_evidence_sink.timeout: must be at least 1"):
        check_sinks({**DAV, "timeout": 0})
    with pytest.raises(InputError, match="gaussdb_evidence_sink: must be a sink or a list of sinks"):
        check_sinks("https://dav.example.com")


def test_mails_go_last() -> None:
    assert in_order([{"kind": kind} for kind in ("mail", "git", "mail", "s3")]) == [1, 3, 0, 2]


class Flaky:
    """Fails a number of times."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.sent = 0

    def __call__(self, _sink: Any, _parcel: Any) -> None:
        self.sent += 1
        if self.errors:
            raise self.errors.pop(0)


@pytest.mark.parametrize(
    ("errors", "reason", "waits"),
    [
        ([], "", []),
        ([SinkError("down")] * 3, "", [1, 2, 4]),
        ([SinkError("down")] * 4, "down", [1, 2, 4]),
        ([SinkError("403 Forbidden", transient=False)], "403 Forbidden", []),
        ([RuntimeError(f"odd {SECRET}")] * 4, "RuntimeError: odd ********", [1, 2, 4]),
    ],
)
def test_what_may_pass_is_tried_again(errors: list[Exception], reason: str, waits: list[float]) -> None:
    (sink,) = check_sinks([{**DAV, **LOGIN}])
    flaky, slept = Flaky(*errors), list[float]()
    assert deliver(sink, PARCEL, flaky, slept.append) == reason
    assert (slept, flaky.sent) == (waits, len(waits) + 1)


def test_waits_are_bounded() -> None:
    (sink,) = check_sinks([{**DAV, "retries": 7}])
    slept: list[float] = []
    deliver(sink, PARCEL, Flaky(*[SinkError("down")] * 8), slept.append)
    assert slept == [1, 2, 4, 8, 16, 30, 30]


def test_the_signature_is_that_of_the_documentation_of_s3() -> None:
    """The example "PUT Object" of the documentation of signature version 4."""
    signed = put.sign(
        "https://examplebucket.s3.amazonaws.com/test%24file.text",
        b"Welcome to Amazon S3.",
        {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
        datetime(2013, 5, 24, tzinfo=timezone.utc),
        access_key="AKIAIOSFODNN7EXAMPLE",
        secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        region="us-east-1",
    )
    assert signed["Authorization"].endswith("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
    assert "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class," in signed["Authorization"]


def test_a_mail_has_the_files_their_digests_and_one_line_as_subject() -> None:
    (sink,) = check_sinks([MAIL])
    made = mail.build_mail(sink, Parcel(PARCEL.files, "failover\nof orders", ["not sent to git"]))
    assert (made["Subject"], made["To"], made["From"]) == ("failover of orders", "b@example.com", "a@example.com")
    body = made.get_body(("plain",))
    assert body is not None
    digest = hashlib.sha256(b"{}\n").hexdigest()
    assert f"SHA-256 of run.json: {digest}" in body.get_content() and "not sent to git" in body.get_content()
    assert {each.get_filename(): each.get_payload(decode=True) for each in made.iter_attachments()} == {
        "run.json": b"{}\n",
        "run.html": b"<p>",
    }


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    path = tmp_path / "evidence.git"
    run("init", "--bare", "--quiet", "--initial-branch=trunk", str(path), cwd=tmp_path)
    return path


def run(*arguments: str, cwd: Path) -> str:
    return subprocess.run(["git", *arguments], cwd=cwd, check=True, capture_output=True, text=True).stdout


def test_a_push_adds_to_what_others_have_pushed_and_the_same_bytes_make_no_commit(bare: Path, tmp_path: Path) -> None:
    sinks = check_sinks([{"kind": "git", "url": str(bare), "folder": folder, "branch": "new"} for folder in ("a", "b")])
    for sink in (*sinks, *sinks):
        git.push(sink, PARCEL, str(tmp_path))
    assert run("log", "--format=%s %an", "new", cwd=bare).splitlines() == [f"{PARCEL.about} gaussdb.tpops"] * 2
    assert run("ls-tree", "-r", "--name-only", "new", cwd=bare).split() == [
        f"{folder}/run.{kind}" for folder in ("a", "b") for kind in ("html", "json")
    ]
    assert run("show", "new:a/run.json", cwd=bare) == "{}\n"
    # Nothing of the clones stays.
    assert list(tmp_path.iterdir()) == [bare]


def test_a_link_in_the_repository_leads_nowhere(bare: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    clone = tmp_path / "clone"
    run("clone", "--quiet", str(bare), str(clone), cwd=tmp_path)
    (clone / "a").symlink_to(outside)
    run("add", ".", cwd=clone)
    run("-c", "user.name=x", "-c", "user.email=x@x", "commit", "--quiet", "-m", "link", cwd=clone)
    run("push", "--quiet", "origin", "HEAD:main", cwd=clone)
    (sink,) = check_sinks([{"kind": "git", "url": str(bare), "folder": "a"}])
    with pytest.raises(SinkError):
        git.push(sink, PARCEL, str(tmp_path))
    assert list(outside.iterdir()) == []


def test_git_is_told_no_secret_on_its_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (sink,) = check_sinks([{**GIT, **LOGIN}])
    commands: list[Any] = []

    def fake(command: Any, **options: Any) -> Any:
        commands.append((command, options["env"]))
        return subprocess.CompletedProcess(command, 128, b"", f"fatal: {SECRET} was refused".encode())

    monkeypatch.setattr(git.subprocess, "run", fake)
    with pytest.raises(SinkError, match="git init: fatal"):
        git.push(sink, PARCEL, str(tmp_path))
    ((command, environment),) = commands
    assert SECRET not in str(command) and environment["GAUSSDB_SINK_PASSWORD"] == SECRET
    assert environment["GIT_TERMINAL_PROMPT"] == "0"
    assert deliver(sink, PARCEL, lambda *_args: git.push(sink, PARCEL, str(tmp_path)), lambda _seconds: None) == (
        "git init: fatal: ******** was refused"
    )


def test_a_controller_without_requests_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(put, "HAS_REQUESTS", False)
    for kind, send in ((DAV, put.put_webdav), (S3, put.put_s3)):
        (sink,) = check_sinks([kind])
        with pytest.raises(SinkError, match="requests is required but not installed"):
            send(sink, PARCEL)
