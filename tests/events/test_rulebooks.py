# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rulebooks of the collection: what they start, and what they leave to people."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from conftest import SITES, Platforms

WORKFLOW = {
    "id": 7,
    "type": "workflow_job_template",
    "name": "GaussDB site lost",
    "related": {"launch": "/api/v2/workflow_job_templates/7/launch/"},
    "summary_fields": {"organization": {"name": "Default"}},
    **dict.fromkeys((f"ask_{what}_on_launch" for what in ("limit", "labels", "inventory", "variables")), True),
}
JOB = {"id": 70, "url": "/api/v2/workflow_jobs/70/", "status": "successful", "created": "2026-01-12T08:00:00Z"}


class Controller(ThreadingHTTPServer):
    """As much of an automation controller as launching a workflow needs; ``launched`` has what it was given."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.launched: list[dict[str, Any]] = []
        self.others: list[str] = []


class Handler(BaseHTTPRequestHandler):
    server: Controller

    def do_GET(self) -> None:
        kind = "workflow_job_template" if "name=GaussDB" in self.path else "none"
        found = {**WORKFLOW, "type": "workflow_template" if kind == "none" else kind}
        pages = {"/api/v2/config/": {"version": "24.6.1"}, JOB["url"]: JOB}
        self._reply(pages.get(self.path.partition("?")[0], {"count": 1, "next": None, "results": [found]}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        if self.path == WORKFLOW["related"]["launch"]:
            self.server.launched.append(body)
        else:
            self.server.others.append(self.path)
        self._reply({**JOB, "workflow_job": JOB["id"]}, 201)

    def log_message(self, *_arguments: Any) -> None:
        """Nothing is printed."""

    def _reply(self, data: Any, status: int = 200) -> None:
        text = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@pytest.fixture
def controller() -> Iterator[Controller]:
    with Controller() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def variables(folder: Path) -> dict[str, Any]:
    shared = {"gaussdb_events_dir": str(folder), "gaussdb_evidence_dir": str(folder / "evidence")}
    return {**shared, "gaussdb_events_interval": 1}


def tickets(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The tickets that were written so far, by status and title."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in (folder / "evidence" / "tickets").glob("*.json")]
    return {(each["status"], each["title"]): each for each in found}


def knows_relation(cursor: Path) -> bool:
    """Whether a source has read the first platform with its relation, and that it is protected."""
    if not cursor.exists():
        return False
    seen = json.loads(cursor.read_text(encoding="utf-8"))["platforms"].get(SITES[0]) or {}
    return any(each["status"] == "normal" for each in ((seen.get("state") or {}).get("relations") or {}).values())


def test_an_alarm_opens_a_ticket_and_closes_it(platforms: Platforms, tmp_path: Path) -> None:
    run = platforms.start("gaussdb.tpops.tickets", **variables(tmp_path))
    platforms.node(0, 1)
    title = "site-a orders-prod: Node down"
    opened = run.until(lambda: tickets(tmp_path).get(("open", title)))
    platforms.node(0, 1, recovered=True)
    closed = run.until(lambda: tickets(tmp_path).get(("closed", title)))
    assert opened["key"] == closed["key"] and opened["severity"] == "major"
    # The page of the platform, which was made in between.
    assert list((tmp_path / "evidence").rglob("*.html")), run.text[-6000:]


def test_a_platform_that_is_lost_has_evidence_and_a_question_and_no_failover(
    platforms: Platforms, controller: Controller, tmp_path: Path
) -> None:
    asking = platforms.start(
        "gaussdb.tpops.site_lost",
        "--controller-url",
        f"http://127.0.0.1:{controller.server_port}",
        "--controller-token",
        "no-token",
        **variables(tmp_path),
    )
    telling = platforms.start("gaussdb.tpops.rpo", **variables(tmp_path))
    # Both have seen the platform, and so know what is lost with it.
    asking.until(lambda: knows_relation(tmp_path / "site_lost.json"))
    telling.until(lambda: knows_relation(tmp_path / "rpo.json"))
    platforms.down(0)
    asking.until(lambda: controller.launched)
    given = controller.launched[0]["extra_vars"]
    given = json.loads(given) if isinstance(given, str) else given
    assert given["gaussdb_lost_site"] == SITES[0]
    assert [each["name"] for each in given["gaussdb_lost_relations"]] == ["orders"]
    telling.until(lambda: [key for key in tickets(tmp_path) if key[0] == "open" and "rpo_exceeded orders" in key[1]])
    assert list((tmp_path / "evidence").glob("*.html")), telling.text[-6000:]
    # Nobody has changed anything, here or there.
    assert not controller.others and platforms.writes(1) == []
