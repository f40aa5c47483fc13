# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The script that shows plans in a comment, against a stub of the API of GitLab and of GitHub."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import EXAMPLE, TOKEN, Api

SCRIPT = EXAMPLE / "ci" / "comment.py"
MARKER = "<!-- gaussdb.tpops: the plans of this request -->"
PLATFORMS = ("gitlab", "github")


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    (tmp_path / "test.md").write_text("# Plan of site-test\n\n订单\n\nDigest: `sha256:1`\n", encoding="utf-8")
    (tmp_path / "production.md").write_text("# Plan of site-production\n\nDigest: `sha256:2`\n")
    return tmp_path


def comment(
    api: Api, folder: Path, platform: str = "gitlab", pages: tuple[str, ...] = ("test.md", "production.md"), **more: str
) -> subprocess.CompletedProcess[str]:
    environments = {
        "gitlab": {
            "CI_MERGE_REQUEST_IID": "7",
            "CI_MERGE_REQUEST_PROJECT_ID": "42",
            "CI_API_V4_URL": f"{api.address}/api/v4",
        },
        "github": {"PULL_REQUEST": "7", "GITHUB_REPOSITORY": "example/estate", "GITHUB_API_URL": api.address},
    }
    environment = {"COMMENT_TOKEN": TOKEN, "PATH": "/usr/bin:/bin", **environments[platform], **more}
    return subprocess.run(
        [sys.executable, str(SCRIPT), *pages], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def writes(api: Api) -> list[tuple[str, str]]:
    return [(method, path) for method, path in api.requests if method != "GET"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_request_has_one_comment(api: Api, plans: Path, platform: str) -> None:
    done = comment(api, plans, platform)
    assert done.returncode == 0 and done.stdout == "The plans are in the new comment 100\n", done
    (only,) = api.comments
    assert only["body"] == (
        f"{MARKER}\n\n# Plan of site-test\n\n订单\n\nDigest: `sha256:1`\n\n"
        "# Plan of site-production\n\nDigest: `sha256:2`"
    )

    # Nothing to say.
    api.requests.clear()
    assert comment(api, plans, platform).returncode == 0 and writes(api) == []

    (plans / "test.md").write_text("# Plan of site-test\n\nDigest: `sha256:3`\n")
    assert comment(api, plans, platform).stdout == "The plans are in the comment 100\n"
    (only,) = api.comments
    assert "sha256:3" in only["body"] and "sha256:1" not in only["body"]
    notes = {"gitlab": "/api/v4/projects/42/merge_requests/7/notes", "github": "/repos/example/estate/issues/comments"}
    assert writes(api) == [("PUT" if platform == "gitlab" else "PATCH", f"{notes[platform]}/100")]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_comment_is_found_among_hundreds(api: Api, plans: Path, platform: str) -> None:
    api.comments += [api.comment(f"Comment {index}", "somebody") for index in range(100)]
    comment(api, plans, platform)
    api.comments[:] = [{**each, "id": 100 + index} for index, each in enumerate(api.comments)]
    (plans / "test.md").write_text("# Changed\n")
    assert comment(api, plans, platform).stdout == "The plans are in the comment 200\n"
    assert len(api.comments) == 101


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_comment_of_a_stranger_is_left_alone(api: Api, plans: Path, platform: str) -> None:
    api.comments += [api.comment(f"{MARKER}\nAll is well", "mallory"), api.comment(f"See {MARKER}")]
    assert comment(api, plans, platform).returncode == 0
    assert [each["body"][-11:] for each in api.comments[:1]] == ["All is well"]
    assert len(api.comments) == 3


def test_a_plan_that_was_not_made_is_named(api: Api, plans: Path) -> None:
    (plans / "production.md").unlink()
    assert comment(api, plans).returncode == 0
    assert "# production\n\n**There is no plan:**" in api.comments[0]["body"]


def test_pages_that_are_too_long_are_cut(api: Api, plans: Path) -> None:
    for name in ("test.md", "production.md"):
        lines = "\n".join(f"- {name} {number}: 变更" for number in range(5000))
        (plans / name).write_text(f"# Plan\n\n{lines}\nDigest: `sha256:{name}`\n", encoding="utf-8")
    assert comment(api, plans).returncode == 0
    body = api.comments[0]["body"]
    assert len(body) <= 65_536
    for name in ("test.md", "production.md"):
        assert f"- {name} 0: 变更" in body and f"Digest: `sha256:{name}`" in body
    assert body.count("**The page is cut") == 2


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_refusal_is_an_error(api: Api, plans: Path, status: int) -> None:
    api.refuse = status
    done = comment(api, plans)
    assert done.returncode == 1 and f"The comment was not written: HTTP {status}" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_token_does_not_follow_a_redirect(api: Api, plans: Path) -> None:
    api.refuse = 302
    done = comment(api, plans)
    assert done.returncode == 1 and "HTTP 302" in done.stderr
    assert [path for _method, path in api.requests] == ["/api/v4/user"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"COMMENT_TOKEN": ""}, "COMMENT_TOKEN is not set"),
        ({"CI_MERGE_REQUEST_IID": ""}, "this is not the pipeline of a merge request"),
        ({"CI_API_V4_URL": "http://127.0.0.1:1"}, "Connection refused"),
    ],
)
def test_what_is_missing_is_named(api: Api, plans: Path, more: dict[str, str], message: str) -> None:
    done = comment(api, plans, **more)
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr, done
    assert api.comments == []


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_token_is_only_in_a_header(api: Api, plans: Path, platform: str) -> None:
    done = comment(api, plans, platform)
    name = {"gitlab": "Private-Token", "github": "Authorization"}[platform]
    assert all(TOKEN in headers[name] for headers in ({k.title(): v for k, v in each.items()} for each in api.headers))
    api.refuse = 403
    refused = comment(api, plans, platform)
    shown = "".join((done.stdout, done.stderr, refused.stdout, refused.stderr, str(api.requests), str(api.comments)))
    assert TOKEN not in shown
