# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Evidence outlives the machine that made it: it reaches real sinks, and a sink that is down fails nothing."""

from __future__ import annotations

import email
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import AS_RANDOM_USER, RANDOM_USER, Recap, common, reported
from fleet import Fleet, ended
from sinks import SECRET, MailServer, PutServer, Repository, mail_server, put_server

PLAYBOOK = "gaussdb.tpops.restart"
SHOWN = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
KEYS = {"access_key": "AK-evidence", "secret_key": SECRET, "region": "cn-north-1"}


@pytest.fixture
def puts(tmp_path: Path) -> Iterator[PutServer]:
    with put_server(tmp_path) as server:
        yield server


@pytest.fixture
def mails(tmp_path: Path) -> Iterator[MailServer]:
    with mail_server(tmp_path) as server:
        yield server


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def play(fleet: Fleet, sinks: Any, *arguments: str, playbook: str = PLAYBOOK) -> Recap:
    """Run a playbook with sinks, and check that it shows no secret."""
    variables = fleet.folder / "sinks.yml"
    variables.write_text(json.dumps({"gaussdb_evidence_sink": sinks}), encoding="utf-8")
    run = fleet.play(playbook, "-e", f"@{variables}", *arguments, cwd=fleet.folder, **SHOWN)
    assert SECRET not in run.output
    return run


def statistics(run: Recap) -> dict[str, Any]:
    shown = re.search(r"^\tRUN: (\{.*\})$", run.output, re.MULTILINE)
    assert shown, run.output[-6000:]
    found: dict[str, Any] = json.loads(shown[1])
    return found


def evidence(fleet: Fleet) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in fleet.evidence.iterdir()}


def notes(record: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["sink"], each["message"]) for each in record["notes"] if each["code"] == "evidence_sink"]


def test_every_sink_has_the_evidence(
    fleet: Fleet, puts: PutServer, mails: MailServer, repository: Repository, tmp_path: Path
) -> None:
    puts.failures = 2
    s3 = {**puts.sink, "kind": "s3", "url": f"{puts.url}/bucket", **KEYS}
    del s3["username"], s3["password"]
    sinks = [mails.sink, puts.sink, s3, repository.sink]
    planned = play(fleet, sinks, "--check")
    assert planned.status == 0 and not (puts.headers or mails.mails), planned.output[-3000:]
    run = play(fleet, sinks, "-vvvvv")
    record = ended(run, "unchanged", fleet)
    assert notes(record) == [] and "Evidence sent to 4 of 4 sinks" in run.output
    files = evidence(fleet)
    assert len(files) == 2 and repository.files() == {f"bank/orders/{name}": files[name] for name in files}
    assert repository.commits() == ["restart of orders-prod: unchanged"]
    assert puts.files == {f"/dav/{folder}{name}": files[name] for name in files for folder in ("", "bucket/")}
    # Two were answered with 503.
    assert len(puts.headers) == 6
    (mail,) = [email.message_from_bytes(each) for each in mails.mails]
    assert mail["Subject"] == "restart of orders-prod: unchanged"
    attached = {part.get_filename(): part.get_payload(decode=True) for part in mail.walk() if part.get_filename()}
    assert attached == files
    assert reported(run)["orders-prod"] == record
    # The page is made again of the record in a sink.
    fetched = tmp_path / "fetched"
    fetched.mkdir()
    for name, content in repository.files().items():
        (fetched / Path(name).name).write_bytes(content)
    (path,) = fetched.glob("*.json")
    again = play(fleet, sinks, "-e", f"gaussdb_record={path}", playbook="gaussdb.tpops.evidence_page")
    assert again.status == 0, again.output[-3000:]
    assert path.with_suffix(".en.html").read_bytes() == path.with_suffix(".html").read_bytes()


def test_a_sink_that_is_down_is_a_note_and_fails_nothing(
    fleet: Fleet, puts: PutServer, mails: MailServer, repository: Repository
) -> None:
    away = {**puts.sink, "url": "https://127.0.0.1:1/dav", "retries": 0}
    lost = {"kind": "git", "url": str(fleet.folder / "missing.git"), "retries": 0}
    denied = {**mails.sink, "password": f"{SECRET}-old"}
    run = play(fleet, [away, lost, denied, repository.sink], "-vvvvv")
    record = ended(run, "unchanged", fleet)
    assert [sink for sink, _message in notes(record)] == [
        "webdav https://127.0.0.1:1/dav",
        f"git {lost['url']}",
        "mail 127.0.0.1",
    ]
    reasons = [message for _sink, message in notes(record)]
    assert "does not appear to be a git repository" in reasons[1] and "535" in reasons[2], reasons
    assert "[WARNING]: The evidence was not sent to webdav" in " ".join(run.output.split())
    # The record with the notes is what the other sink, the page and the statistic have.
    files = evidence(fleet)
    assert repository.files() == {f"bank/orders/{name}": files[name] for name in files}
    assert len(repository.commits()) == 2
    (page,) = [content.decode() for name, content in files.items() if name.endswith(".html")]
    assert "the evidence was not sent to webdav https://127.0.0.1:1/dav" in page
    assert reported(run)["orders-prod"] == record


@pytest.mark.long
def test_what_is_held_reaches_the_sinks_too(fleet: Fleet, puts: PutServer) -> None:
    puts.status = 507
    waits = ("-e", "restart_transaction_seconds=1", "-e", "restart_gate_patience=0", "-e", "restart_wait_interval=1")
    forced = ("-e", "gaussdb_target=orders-prod", "-e", "restart_force=true")
    sinks = {**puts.sink, "retries": 0}
    record = ended(play(fleet, sinks, *waits, *forced), "held", fleet)
    assert [message.rpartition(": ")[2] for _sink, message in notes(record)] == ["507 Insufficient Storage"]
    puts.status = 201
    record = ended(play(fleet, sinks, *waits, *forced), "held", fleet)
    assert notes(record) == [] and len(puts.files) == 2


def test_wrong_sinks_are_refused_before_anything_else(fleet: Fleet, puts: PutServer) -> None:
    for sinks, says in (
        ([{"kind": "ftp", "url": "x"}], "gaussdb_evidence_sink[0].kind: 'ftp' is not a kind of sink"),
        (
            [puts.sink, {"kind": "git", "password": SECRET}],
            "gaussdb_evidence_sink[1]: missing required arguments: url",
        ),
        (puts.url, "gaussdb_evidence_sink: must be a sink or a list of sinks"),
    ):
        fleet.forget_requests()
        run = play(fleet, sinks, "-vvvvv")
        assert run.status == 2 and says in run.output, run.output[-3000:]
        assert fleet.writes() == [] and not fleet.evidence.exists() and not puts.headers


@pytest.mark.parametrize(
    ("playbook", "status", "statistic", "values"),
    [
        ("health", 0, "gaussdb_health", {"color": "amber"}),
        ("plan", 0, "gaussdb_plans", {}),
        ("drift", 2, "gaussdb_drift", {"verdict": "drift"}),
    ],
)
def test_reports_reach_sinks_and_artifacts(
    fleet: Fleet, repository: Repository, playbook: str, status: int, statistic: str, values: dict[str, Any]
) -> None:
    lost = {"kind": "git", "url": str(fleet.folder / "missing.git"), "retries": 0}
    pending = ("-e", "gaussdb_drift_pending=true")
    run = play(fleet, [lost, repository.sink], *pending, playbook=f"gaussdb.tpops.{playbook}")
    assert run.status == status, run.output[-3000:]
    # Ansible breaks the lines of a warning, the oldest one also within a word.
    assert f"was not sent to git {lost['url']}".replace(" ", "") in "".join(run.output.split())
    found = statistics(run)[statistic]
    shown = found if playbook == "health" else found["site-a"]
    assert {name: shown[name] for name in values} == values and shown["digest"]
    files = repository.files()
    assert len(files) == 2
    made = {path.name: path.read_bytes() for path in fleet.folder.rglob("*") if path.is_file()}
    assert files == {name: made[Path(name).name] for name in files}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody can reach, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def give(folder: Path, user: int) -> None:
    """Give a repository to a user: git refuses that of another one."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, 0)


def test_a_random_user_without_a_home_sends_evidence(open_folder: Path) -> None:
    """As in a container of a cluster: no name, no home, nothing of the user's own settings."""
    repository = Repository(open_folder)
    give(repository.path, RANDOM_USER)
    temporary = open_folder / "temporary"
    temporary.mkdir()
    temporary.chmod(0o1777)
    (open_folder / "run.json").write_text("{}\n", encoding="utf-8")
    task = {"sinks": [repository.sink], "files": [str(open_folder / "run.json")], "about": "a run"}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [{"gaussdb.tpops.gaussdb_evidence": task}]}
    (open_folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    environment = common.ansible_environment()
    del environment["ANSIBLE_HOME"]
    environment |= {"HOME": "/nonexistent", "ANSIBLE_LOCAL_TEMP": str(temporary), "TMPDIR": str(temporary)}
    before = {path.name for path in open_folder.iterdir()}
    done = subprocess.run(
        [*AS_RANDOM_USER, str(common.venv_bin() / "ansible-playbook"), str(open_folder / "play.yml")],
        env=environment,
        cwd=open_folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and "Evidence sent to 1 of 1 sinks" in done.stdout, done.stdout + done.stderr
    give(repository.path, os.geteuid())
    assert repository.commits() == ["a run"]
    assert {path.name for path in open_folder.iterdir()} == before and list(temporary.iterdir()) == []
