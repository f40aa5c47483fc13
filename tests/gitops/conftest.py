# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The repository of examples/gitops, with a simulator for each environment, and a stub of the API for comments."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import pipelines  # noqa: E402

import common  # noqa: E402
import simulator  # noqa: E402

EXAMPLE = ROOT / "examples" / "gitops"
ENVIRONMENTS = ("test", "production")
READER = {"name": "reader", "password": "Reader-Sentinel-1", "read_only": True}
TOKEN = "Token-Sentinel-1"


@dataclass
class Api:
    """Keeps comments as GitLab and GitHub do. ``refuse`` is the status of all answers from then on."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    refuse: int = 0
    address: str = ""

    def answer(self, method: str, path: str, headers: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        self.requests.append((method, path))
        self.headers.append(headers)
        if self.refuse:
            return self.refuse, {"message": "refused"}
        path, _mark, query = path.partition("?")
        if path.endswith("/user"):
            return 200, {"username": "plans"}
        if method == "GET":
            size, page = (int(re.search(rf"{name}=(\d+)", query)[1]) for name in ("per_page", "[^_]page"))
            return 200, self.comments[size * (page - 1) : size * page]
        if method == "POST":
            self.comments.append(self.comment(body["body"]))
            return 201, self.comments[-1]
        found = next(each for each in self.comments if path.endswith(f"/{each['id']}"))
        found["body"] = body["body"]
        return 200, found

    def comment(self, body: str, author: str = "") -> dict[str, Any]:
        """Return a comment in the forms of both."""
        return {
            "id": 100 + len(self.comments),
            "body": body,
            "author": {"username": author or "plans"},
            "user": {"login": author or "github-actions[bot]"},
        }


@pytest.fixture
def api() -> Iterator[Api]:
    found = Api()

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else {}
            status, answer = found.answer(self.command, self.path, dict(self.headers), body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", f"{found.address}/elsewhere")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = handle_one

        def log_message(self, *_arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.address = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()


@dataclass
class Pipeline:
    """What became of a pipeline."""

    status: int
    output: str
    # The exit status of each job that ran, by its name.
    jobs: dict[str, int]


@dataclass
class Repository:
    """A clone of the repository on a machine with a runner."""

    folder: Path
    home: Path
    platforms: dict[str, simulator.Simulator]
    api: Api
    output: str = ""

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "user.name=dba", "-c", "user.email=dba@example.com", *arguments]
        return subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, *paths: str, old: str, new: str) -> None:
        """Replace a text in files, and commit them."""
        for path in paths:
            text = (self.folder / path).read_text(encoding="utf-8")
            assert old in text
            (self.folder / path).write_text(text.replace(old, new), encoding="utf-8")
        self.git("commit", "-qam", "Change")

    def request(self, fork: bool = False, **variables: str) -> Pipeline:
        """Run the pipeline of the commits that the default branch lacks, as a merge request."""
        return self.run(**self.of_request(fork), **variables)

    def of_request(self, fork: bool = False) -> dict[str, str]:
        """Return what GitLab says about a merge request."""
        return {
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_MERGE_REQUEST_PROJECT_ID": "1",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2" if fork else "1",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": self.git("rev-parse", "origin/main"),
            "CI_API_V4_URL": f"{self.api.address}/api/v4",
            "COMMENT_TOKEN": TOKEN,
        }

    def merge(self, *arguments: str) -> Pipeline:
        """Run the pipeline of the same commits after their merge."""
        return self.run(*arguments, CI_PIPELINE_SOURCE="push")

    def merged(self) -> None:
        """Let the default branch have all commits."""
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")

    def night(self, **variables: str) -> Pipeline:
        return self.run(CI_PIPELINE_SOURCE="schedule", **variables)

    def run(self, *arguments: str, **variables: str) -> Pipeline:
        self.forget_requests()
        given = [item for name, value in variables.items() for item in ("--variable", f"{name}={value}")]
        # The jobs have nothing of each other but artifacts.
        options = ["--force-shell-executor", "--shell-isolation", "--no-artifacts-to-source", "--home", str(self.home)]
        done = subprocess.run(
            [str(pipelines.RUNNER), *options, *given, *arguments],
            cwd=self.folder,
            env=common.ansible_environment() | {"ANSIBLE_HOME": str(self.home / "ansible"), "HOME": str(self.home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.output += done.stdout
        ends = re.findall(r"^(\S.*?) +finished in .+?(?: (?:FAIL|WARN) (\d+) *)?$", done.stdout, re.MULTILINE)
        jobs = {name: int(status or 0) for name, status in ends if name not in ("pipeline", "parsing and downloads")}
        return Pipeline(done.returncode, done.stdout, jobs)

    def artifact(self, job: str, name: str) -> str:
        # The folder has letters in place of the blank.
        pattern = re.compile(job.replace(" ", r"\w*"))
        (found,) = [path for path in self.artifacts() if path.name == name and pattern.fullmatch(path.parent.name)]
        return found.read_text(encoding="utf-8")

    def artifacts(self) -> list[Path]:
        return sorted((self.folder / ".gitlab-ci-local" / "artifacts").rglob("*.*"))

    def forget_requests(self) -> None:
        for platform in self.platforms.values():
            platform.admin("DELETE", "requests")

    def writes(self, environment: str) -> list[str]:
        return [entry["operation_id"] for entry in self.platforms[environment].requests() if entry["write"]]


@pytest.fixture
def repository(api: Api, tmp_path: Path) -> Iterator[Repository]:
    with ExitStack() as stack:
        platforms = {name: stack.enter_context(simulator.running(speed=600)) for name in ENVIRONMENTS}
        found = Repository(tmp_path / "estate", tmp_path / "home", platforms, api)
        shutil.copytree(EXAMPLE, found.folder)
        for platform in platforms.values():
            platform.admin("POST", "estate", {"users": [READER]})
        write_variables(found)
        found.git("init", "-q", "-b", "main")
        found.git("add", "-A")
        found.git("commit", "-qm", "Begin")
        found.git("remote", "add", "origin", "git@git.example.com:dba/estate.git")
        found.merged()
        found.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
        yield found


def write_variables(found: Repository) -> None:
    """Write the variables of the project, each with the environments that have it."""
    variables: dict[str, dict[str, str]] = {}
    for name, platform in found.platforms.items():
        key = (EXAMPLE / "environments" / name / "vault-password.example").read_text(encoding="utf-8").strip()
        for variable, value in {**platform.environment(), "VAULT_PASSWORD": key}.items():
            variables.setdefault(variable, {})[f"{name}*"] = value
        variables["GAUSSDB_TPOPS_USERNAME"][f"{name}/plan"] = READER["name"]
        variables["GAUSSDB_TPOPS_PASSWORD"][f"{name}/plan"] = READER["password"]
    path = found.home / ".gitlab-ci-local" / "variables.yml"
    path.parent.mkdir(parents=True)
    typed = {name: {"type": "variable", "values": values} for name, values in variables.items()}
    path.write_text(json.dumps({"project": {"git.example.com/dba/estate.git": typed}}))
