# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Download addresses of a report."""

from __future__ import annotations

from typing import Any

import pytest
from support import Answer, FakeClock, FakeSession

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.wdr import download
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context, Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.waiting import Waiter, WaitPolicy
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.connection import Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InvalidReply

NOTHING = Answer(200, content=b"{ }")
ARCHIVE = Answer(200, content=b"PK\x03\x04")


def downloaded(clock: FakeClock, url: Any, *script: Answer) -> tuple[bytes, list[str]]:
    session = FakeSession(list(script))
    connection = Connection("host", token="t", token_cache=False, retries=0)
    client = Client(connection, clock=clock, sleep=clock.sleep, session_factory=session)
    waiter = Waiter(client, WaitPolicy(), clock=clock, sleep=clock.sleep)
    ctx = Context("gaussdb_wdr_report", {}, client, waiter)
    ctx.parent = Parent("in14")
    return download(ctx, {"job_id": "j1", "download_url": url}), [sent.url for sent in session.sent]


def test_a_report_is_downloaded_from_the_platform(clock: FakeClock) -> None:
    content, urls = downloaded(clock, "https://host:8002/reports/1", ARCHIVE)
    assert (content, len(urls)) == (b"PK\x03\x04", 1)


def test_if_the_download_returns_no_file_the_address_in_the_list_is_used(clock: FakeClock) -> None:
    content, urls = downloaded(clock, "https://host:8002/reports/1", NOTHING, ARCHIVE)
    assert content == b"PK\x03\x04"
    assert urls[1] == "https://host:8002/reports/1"


@pytest.mark.parametrize("url", [None, "", "http://host:8002/reports/1"])
def test_an_empty_json_object_is_not_a_report(clock: FakeClock, url: Any) -> None:
    with pytest.raises(InvalidReply, match="the reply is JSON instead of a file"):
        downloaded(clock, url, NOTHING)


def test_an_empty_json_object_is_not_a_report_at_the_other_address_either(clock: FakeClock) -> None:
    with pytest.raises(InvalidReply, match="download_wdr_file failed: the reply is JSON instead of a file"):
        downloaded(clock, "https://host:8002/reports/1", NOTHING)


@pytest.mark.parametrize("content", [b"OK", b"7", b"\x00" * 64, b"\xef\xbb\xbf", b'"DBS.1"'])
def test_content_that_cannot_be_a_report_is_refused(clock: FakeClock, content: bytes) -> None:
    with pytest.raises(InvalidReply, match="the reply is not a file of this type"):
        downloaded(clock, None, Answer(200, content=content))


def test_an_html_page_is_a_report(clock: FakeClock) -> None:
    page = Answer(200, content=b"\n<!DOCTYPE html><title>Report</title>", headers={"Content-Disposition": "attachment"})
    assert downloaded(clock, None, page)[0] == page.body
