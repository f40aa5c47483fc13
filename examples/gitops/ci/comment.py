#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show the plans of a merge request in one comment on it: ``comment.py PLAN.md ...``

The comment is found by a marker and updated, so that a request has one comment however often its pipeline runs. The
pipeline of GitLab or GitHub says where the request is; COMMENT_TOKEN is the token to write with.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARKER = "<!-- gaussdb.tpops: the plans of this request -->"
# The shorter limit is that of GitHub.
LARGEST = 65_000
PAGE_SIZE = 100


@dataclass(frozen=True)
class Request:
    """A merge request or pull request: where its comments are, and who writes them."""

    # The address of the list of comments.
    comments: str
    # The address of one comment, without its ID.
    comment: str
    headers: Mapping[str, str]
    # The method that updates a comment.
    update: str
    # The name under which a comment has its author, and that of the author under that.
    author: tuple[str, str]
    # Who writes the comments of this token.
    own: str


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Takes a redirect as an error: the token is for one host."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def main() -> int:
    try:
        body = as_comment(sys.argv[1:])
        request = find_request(os.environ)
        address = put(request, body)
    except urllib.error.HTTPError as error:
        print(f"The comment was not written: HTTP {error.code} from {error.url}", file=sys.stderr)
        return 1
    except (OSError, ValueError) as error:
        print(f"The comment was not written: {error}", file=sys.stderr)
        return 1
    print(f"The plans are in {address}")
    return 0


def as_comment(paths: list[str]) -> str:
    """Return the text of the comment."""
    pages = [page_of(Path(path)) for path in paths]
    share = (LARGEST - len(MARKER)) // max(len(pages), 1)
    return "\n\n".join([MARKER, *(shorten(page, share - 2) for page in pages)])


def page_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return f"# {path.stem}\n\n**There is no plan:** see the log of its job."


def shorten(page: str, longest: int) -> str:
    """Return the first lines of a page, with its last line, which has the digest."""
    if len(page) <= longest:
        return page
    *lines, last = page.splitlines()
    note = "**The page is cut: the artifacts of the pipeline have all of it.**"
    left = longest - len(note) - len(last) - 4
    kept: list[str] = []
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    return "\n".join([*kept, "", note, "", last])


def find_request(environment: Mapping[str, str]) -> Request:
    """Return the request that the pipeline is about."""
    token = environment.get("COMMENT_TOKEN")
    if not token:
        raise ValueError("COMMENT_TOKEN is not set")
    if environment.get("CI_MERGE_REQUEST_IID"):
        api = environment["CI_API_V4_URL"]
        headers = {"PRIVATE-TOKEN": token}
        project = f"{api}/projects/{environment['CI_MERGE_REQUEST_PROJECT_ID']}"
        notes = f"{project}/merge_requests/{environment['CI_MERGE_REQUEST_IID']}/notes"
        own = str(call("GET", f"{api}/user", headers)["username"])
        return Request(notes, notes, headers, "PUT", ("author", "username"), own)
    if environment.get("PULL_REQUEST"):
        issues = f"{environment['GITHUB_API_URL']}/repos/{environment['GITHUB_REPOSITORY']}/issues"
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
        comments = f"{issues}/{environment['PULL_REQUEST']}/comments"
        # The token of a workflow may not ask who it is.
        own = environment.get("COMMENT_AUTHOR", "github-actions[bot]")
        return Request(comments, f"{issues}/comments", headers, "PATCH", ("user", "login"), own)
    raise ValueError("this is not the pipeline of a merge request")


def put(request: Request, body: str) -> str:
    """Write the comment, and return its address."""
    found = next(own_comments(request), None)
    if found is None:
        written = call("POST", request.comments, request.headers, {"body": body})
        return f"the new comment {written['id']}"
    if found["body"] != body:
        call(request.update, f"{request.comment}/{found['id']}", request.headers, {"body": body})
    return f"the comment {found['id']}"


def own_comments(request: Request) -> Iterator[dict[str, Any]]:
    """Yield the comments with the marker: a stranger may have copied it."""
    key, name = request.author
    number = 1
    while True:
        listed = call("GET", f"{request.comments}?per_page={PAGE_SIZE}&page={number}", request.headers)
        for each in listed:
            if str(each["body"]).startswith(MARKER) and each[key][name] == request.own:
                yield each
        if len(listed) < PAGE_SIZE:
            return
        number += 1


def call(method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None = None) -> Any:
    """Send a request to the API, and return the answer."""
    data = None if body is None else json.dumps(body).encode()
    more = {"Content-Type": "application/json", "User-Agent": "gaussdb.tpops"}
    request = urllib.request.Request(url, data, {**headers, **more}, method=method)
    with urllib.request.build_opener(NoRedirect).open(request, timeout=30) as reply:
        return json.load(reply)


if __name__ == "__main__":
    sys.exit(main())
