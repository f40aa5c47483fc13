# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client: tokens, repeats, busy objects, errors. Scripted replies and a clock that only advances by sleeping."""

from __future__ import annotations

import email.utils
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from typing import Any

import pytest
import requests
import urllib3

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.job import get_job
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call, Operation
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr, Shape
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.wdr import download_wdr_file
from ansible_collections.gaussdb.tpops.plugins.module_utils.http import client as client_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.http import errors, transport
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client, Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.token_cache import CachedToken, TokenCache
from ansible_collections.gaussdb.tpops.tests.unit.support import (
    Answer,
    FakeClock,
    FakeSession,
    ScriptedServer,
    SentRequest,
    TlsFiles,
)

PASSWORD = "Right_Pw1"
TOKEN = "GivenToken1"

THING = Shape((Attr("id"), Attr("size", kind="int")))
READ = Operation("get_thing", "GET", "/v3/things/{thing_id}", "4.0", read=True, shape=THING)
QUERY = Operation("query_things", "POST", "/v3/things/query", "4.0", read=True)
WRITE = Operation("create_thing", "POST", "/v3/things", "4.0")
JOB_WRITE = Operation(
    "delete_thing", "DELETE", "/v3/things/{thing_id}", "4.0", job=True, shape=Shape((Attr("job_id"),))
)
OLD = Operation("old_thing", "GET", "/v3/old", "4.0", read=True, headers={"X-Auth-Token": "", "X-Fixed": "yes"})
FILE = Operation("download_wdr_report", "POST", "/v3/file", "4.0", read=True, file=True)
SHEET = Operation("get_host_template", "GET", "/v3/sheet", "4.0", read=True, file=True, begins=(b"PK\x03\x04",))
AS_FILE = {"Content-Type": "text/html", "Content-Disposition": 'attachment; filename="report.html"'}

READ_CALL = READ.call(path={"thing_id": "t1"})
WRITE_CALL = WRITE.call(body={"name": "t1", "root_password": "Hidden_Pw2"})

LOGIN = Answer(
    data={
        "x_mini_token": "NewToken1",
        "user_id": "u1",
        "session_timeout": "30",
        "password_expiration_remaining_days": "5",
        "last_login_statistics": {"last_login_failed_ip": "192.0.2.9", "last_login_failed_time": ""},
    },
    headers={"X-Mini-Token": "NewToken1"},
)
REFUSED = Answer(401, data={"error_code": "DBS.00110006", "error_msg": "Invalid access."})
BUSY = Answer(409, data={"error_code": "DBS.200019", "error_msg": "Instance is busy."})
THING_REPLY = Answer(data={"id": "t1", "size": "7"})
RESET = requests.ConnectionError(
    urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "reset"))
)
REFUSED_CONNECTION = requests.ConnectionError(ConnectionRefusedError(111, "refused"))
TIMEOUT = requests.ReadTimeout(urllib3.exceptions.ReadTimeoutError(None, "/", "slow"))  # type: ignore[arg-type]


def failing(status: int, code: str = "DBS.280005", text: str = "Server error.", **headers: str) -> Answer:
    return Answer(status, data={"error_code": code, "error_msg": text}, headers={"X-TRACE-ID": "trace-9", **headers})


class Bench:
    """A client on a scripted session."""

    def __init__(
        self,
        clock: FakeClock,
        script: list[Any],
        *,
        chance: float = 1.0,
        cache: TokenCache | None = None,
        **options: Any,
    ) -> None:
        options = {"token": TOKEN, "token_cache": False, **options}
        self.session = FakeSession(script)
        self.lines: list[str] = []
        self.client = Client(
            Connection("host", **options),
            clock=clock,
            sleep=clock.sleep,
            rng=lambda: chance,
            on_wait=self.lines.append,
            session_factory=self.session,
            cache=cache,
        )

    @property
    def sent(self) -> list[SentRequest]:
        return self.session.sent

    def tokens(self) -> list[str | None]:
        return [each.headers.get("X-Mini-Token") for each in self.sent]


@pytest.fixture
def bench(clock: FakeClock) -> Callable[..., Bench]:
    return lambda *script, **options: Bench(clock, list(script), **options)


MakeBench = Callable[..., Bench]


def with_login(**options: Any) -> dict[str, Any]:
    return {"token": None, "username": "admin", "password": PASSWORD, **options}


# Requests and replies


def test_a_read(bench: MakeBench) -> None:
    b = bench(THING_REPLY)
    assert b.client.item(READ.call(path={"thing_id": "a/../b"}, query={"limit": 5})) == {"id": "t1", "size": 7}
    assert b.sent[0].path == "/v3/things/a%2F..%2Fb"
    assert b.sent[0].query == {"limit": "5"}
    assert (b.sent[0].headers["X-Mini-Token"], b.sent[0].headers["X-Language"]) == (TOKEN, "en-us")
    assert "X-Auth-Token" not in b.sent[0].headers
    assert (b.client.requests_sent, b.client.logins) == (1, 0)


def test_headers_of_the_operation(bench: MakeBench) -> None:
    b = bench(Answer(data={}), language="zh-cn")
    b.client.send(OLD.call())
    headers = b.sent[0].headers
    assert (headers["X-Auth-Token"], headers["X-Mini-Token"], headers["X-Fixed"]) == (TOKEN, TOKEN, "yes")
    assert headers["X-Language"] == "zh-cn"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> float:
    """A time of day that stands still."""
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    return time.time()


@pytest.mark.parametrize(("ahead", "noticed"), [(7200, 7200), (-7200, -7200), (3, 0)])
def test_the_clock_of_the_platform_is_known_from_its_replies(
    bench: MakeBench, now: float, ahead: int, noticed: int
) -> None:
    date = formatdate(now + ahead, usegmt=True)
    b = bench(Answer(data={}, headers={"Date": date}), Answer(data={}, headers={"Date": "today"}))
    assert not b.client.knows_time
    b.client.send(OLD.call())
    b.client.send(OLD.call())
    assert b.client.knows_time
    assert b.client.now_ms() / 1000 == now + noticed


@pytest.mark.parametrize(
    "date",
    [
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Wed, 01 Jan 1800 00:00:00 GMT",
        "Mon, 05 Jan 2026 08:00:00 +" + "9" * 20,
        "\u00b2",
    ],
)
def test_a_clock_that_no_platform_has_is_not_believed(bench: MakeBench, date: str) -> None:
    b = bench(Answer(data={}, headers={"Date": date}))
    b.client.send(OLD.call())
    assert not b.client.knows_time
    assert abs(b.client.now_ms() / 1000 - time.time()) < 60


def test_a_reply_shows_nothing_secret(bench: MakeBench) -> None:
    reply = bench(LOGIN).client.send(QUERY.call())
    assert "NewToken1" not in repr(reply)


@pytest.mark.parametrize("value", [None, "", " ", ".", ".."])
def test_paths_that_lead_elsewhere_are_refused(bench: MakeBench, value: Any) -> None:
    b = bench(THING_REPLY)
    with pytest.raises(errors.InputError, match="thing_id"):
        b.client.send(JOB_WRITE.call(path={"thing_id": value}))
    with pytest.raises(errors.InputError, match="get_thing"):
        b.client.send(READ.call())
    assert b.sent == []


@pytest.mark.parametrize(
    ("operation", "answer", "data"),
    [
        (WRITE, Answer(204), None),
        (WRITE, Answer(299, data={"a": 1}), {"a": 1}),
        (READ, Answer(200, data={"id": "t1"}, headers={"Content-Disposition": "attachment"}), {"id": "t1"}),
        (READ, Answer(204), None),
        (WRITE, Answer(200, content=b"  "), None),
        (WRITE, Answer(200, content=b'{"a": 1}', headers={"Content-Type": "text/plain"}), {"a": 1}),
        (WRITE, Answer(200, content=b'\xef\xbb\xbf{"a": 1}', headers={"Content-Type": "application/json"}), {"a": 1}),
        (WRITE, Answer(200, content=b"success", headers={"Content-Type": "text/plain"}), "success"),
        (QUERY, Answer(200, content=b"PK\x03\x00", headers={"Content-Type": "application/octet-stream"}), None),
        (QUERY, Answer(200, content=b"\xff\xfe", headers={"Content-Type": "application/octet-stream"}), None),
        (QUERY, Answer(200, content=b"{x", headers={"Content-Disposition": 'attachment; filename="f"'}), "{x"),
        (FILE, Answer(200, content=b"<html>a report</html>", headers=AS_FILE), "<html>a report</html>"),
        (FILE, Answer(200, content=b"PK\x03\x04\x00", headers={"Content-Type": "application/json"}), None),
        (SHEET, Answer(200, content=b"PK\x03\x04\x00"), None),
        (
            WRITE,
            Answer(200, data={"error_code": "0", "error_msg": "success"}),
            {"error_code": "0", "error_msg": "success"},
        ),
        (WRITE, Answer(200, data={"error_code": "DBS.1", "hosts": []}), {"error_code": "DBS.1", "hosts": []}),
    ],
)
def test_data_of_replies(bench: MakeBench, operation: Operation, answer: Answer, data: Any) -> None:
    b = bench(answer)
    reply = b.client.send(operation.call(path={"thing_id": "t1"} if "{" in operation.path else None))
    assert reply.data == data
    assert reply.content == answer.body


@pytest.mark.parametrize(
    ("operation", "answer", "problem"),
    [
        (FILE, Answer(200, content=b"{ }"), "the reply is JSON instead of a file"),
        (FILE, Answer(200, content=b"{ ]"), "the reply is JSON instead of a file"),
        (FILE, Answer(200, data={"url": "x"}), "the reply is JSON instead of a file"),
        (
            FILE,
            Answer(200, data=[], headers={"Content-Disposition": "attachment"}),
            "the reply is JSON instead of a file",
        ),
        (FILE, Answer(200, content=b" \n", headers={"Content-Type": "application/zip"}), "the file is empty"),
        (FILE, Answer(204), "the file is empty"),
        (
            FILE,
            Answer(200, content=b"<!DOCTYPE html><title>Log in</title>"),
            "the reply is an HTML page instead of a file",
        ),
        (
            FILE,
            Answer(200, content=b"Log in", headers={"Content-Type": "text/html"}),
            "the reply is an HTML page instead of a file",
        ),
        (
            SHEET,
            Answer(200, content=b"name;address", headers={"Content-Disposition": "attachment"}),
            "the reply is not a file of this type",
        ),
    ],
)
def test_what_cannot_be_the_file_that_was_asked_for(
    bench: MakeBench, operation: Operation, answer: Answer, problem: str
) -> None:
    with pytest.raises(errors.InvalidReply, match=problem):
        bench(answer, retries=0).client.send(operation.call())


LISTS = Operation("delete_things", "POST", "/v3/delete", "4.0", items=("things",))
UNKNOWN = Operation("POST /v3/x", "POST", "/v3/x", "", job_if_named=True)


@pytest.mark.parametrize(
    ("operation", "data"),
    [
        (LISTS, [{"id": "t1"}]),
        (UNKNOWN, [{"id": "t1"}]),
        (UNKNOWN, "done"),
        (JOB_WRITE, "5"),
        (WRITE, True),
        (WRITE, False),
        (WRITE, None),
    ],
)
def test_what_a_write_may_be_answered_with(bench: MakeBench, operation: Operation, data: Any) -> None:
    call = operation.call(path={"thing_id": "t1"} if "{" in operation.path else None)
    assert bench(Answer(200, data=data), retries=0).client.send(call).data == data


def test_a_long_error_of_plain_text_is_shown_as_far_as_people_read(bench: MakeBench) -> None:
    with pytest.raises(errors.TpopsError, match="例" * 450):
        bench(Answer(400, content=("DBS.200824: " + "例" * 450).encode()), retries=0).client.send(READ_CALL)


@pytest.mark.parametrize("content", [b"OK", b'""', b"0", b"[]", b'{"a": 1}{"b": 2}', b"\x00\x00"])
def test_what_no_platform_says_of_a_write_is_no_acknowledgement(bench: MakeBench, content: bytes) -> None:
    with pytest.raises(errors.AmbiguousWrite, match=f"{WRITE.name} was sent, but the reply"):
        bench(Answer(200, content=content), retries=0).client.send(WRITE.call())


@pytest.mark.parametrize("content", [b'{"error_code": "DBS.200824", "error_msg": "Gone."}', b"DBS.200824: Gone."])
def test_an_error_in_place_of_a_file_is_that_error(bench: MakeBench, content: bytes) -> None:
    with pytest.raises(errors.TpopsError, match=r"Gone \(HTTP 200, DBS.200824\)"):
        bench(Answer(200, content=content)).client.send(FILE.call())


@pytest.mark.parametrize(
    ("url", "path", "token"),
    [
        ("https://host:8002/rds/reports/1?key=%2Fa{b}", "/rds/reports/1", TOKEN),
        ("/reports/1", "/reports/1", TOKEN),
        ("reports/1", "/rds/reports/1", TOKEN),
        ("https://HOST:8002/x", "/x", TOKEN),
        ("https://files.example.com/x", "/x", None),
        ("https://host/x", "/x", None),
        ("https://host:8003/x", "/x", None),
    ],
)
def test_the_token_goes_to_the_platform_only(bench: MakeBench, url: str, path: str, token: str | None) -> None:
    b = bench(Answer(200, content=b"PK"))
    call = download_wdr_file(url, b.client.connection.address)
    assert call is not None
    assert b.client.send(call).content == b"PK"
    assert b.tokens() == [token]
    sent = b.sent[0].url
    assert sent.startswith("https://") and sent.partition("?")[0].endswith(path)
    assert "?" not in url or sent.endswith("?key=%2Fa%7Bb%7D")


@pytest.mark.parametrize(
    "url", [None, "", "http://host:8002/x", "ftp://host/x", "https://host:x/", "https://me@host:8002/x", "https://["]
)
def test_an_address_that_nothing_is_sent_to(url: str | None) -> None:
    assert download_wdr_file(url, "host:8002") is None


def deep(levels: int) -> bytes:
    return b'{"a": ' + b"[" * levels + b"]" * levels + b"}"


@pytest.mark.parametrize(
    ("content", "data"),
    [
        (
            b'{"a": NaN, "b": -Infinity, "c": 1e999, "d": -1e999, "e": 1.5}',
            {"a": None, "b": None, "c": None, "d": None, "e": 1.5},
        ),
        (b'{"a": "\\ud800", "\\udfff": "\\ud83d\\ude00"}', {"a": "\ufffd", "\ufffd": "\U0001f600"}),
        (b'{"a": "\xed\xa0\x80 \xed\x95\x9c"}', {"a": "\ufffd \ud55c"}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"a": "\\u0000"}', {"a": "\0"}),
        (deep(63), {"a": json.loads("[" * 63 + "]" * 63)}),
    ],
)
def test_odd_json_is_read(bench: MakeBench, content: bytes, data: Any) -> None:
    reply = bench(Answer(content=content)).client.send(WRITE_CALL)
    assert reply.data == data
    str(reply.data).encode()


@pytest.mark.parametrize(
    "content", [deep(64), deep(900), deep(100_000), b'{"a": ' + b"9" * 5000 + b"}", b'{"a": \xff}', b'{"a": 0x10}']
)
@pytest.mark.parametrize("status", [200, 400])
def test_json_that_nothing_can_work_with_is_no_json(bench: MakeBench, content: bytes, status: int) -> None:
    with pytest.raises(errors.TpopsError, match="not a complete JSON"):
        bench(Answer(status, content=content, headers={"Content-Type": "application/json"})).client.item(READ_CALL)


def test_too_large_a_reply_is_not_asked_for_again(bench: MakeBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST_REPLY", 1024**2)
    large = Answer(content=b" " * (1024**2 + 1))
    b = bench(large)
    with pytest.raises(errors.InvalidReply, match="get_thing failed: the reply is larger than 1 MiB"):
        b.client.item(READ_CALL)
    assert len(b.sent) == 1
    with pytest.raises(errors.AmbiguousWrite, match="larger than 1 MiB"):
        bench(large).client.send(WRITE_CALL)


def test_item_without_a_shape_and_of_something_else(bench: MakeBench) -> None:
    assert bench(Answer(data={"a": 1})).client.item(QUERY.call()) == {"a": 1}
    for answer in (Answer(data=[1]), Answer(204)):
        with pytest.raises(errors.InvalidReply, match="not a JSON object") as caught:
            bench(answer).client.item(QUERY.call())
        assert caught.value.status == answer.status


def test_items_are_translated(bench: MakeBench) -> None:
    operation = Operation(
        "list_things", "GET", "/v3/things", "4.0", read=True, items=("things",), page_size=100, shape=THING
    )
    b = bench(Answer(data={"things": [{"id": 1, "size": "2"}], "total": 1}))
    assert b.client.items(operation.call()) == [{"id": "1", "size": 2}]
    plain = Operation("list_things", "GET", "/v3/things", "4.0", read=True, items=("things",))
    assert bench(Answer(data={"things": ["a"]})).client.items(plain.call()) == ["a"]


def test_job_shape(bench: MakeBench) -> None:
    job = {
        "id": "j1",
        "name": "Create",
        "status": "Running",
        "progress": "45",
        "created": 1,
        "ended": None,
        "instance_id": "i",
    }
    b = bench(Answer(data={"job": job}))
    assert b.client.item(get_job("j1")) == {**job, "progress": 45, "fail_reason": None}
    assert (b.sent[0].path, b.sent[0].query) == ("/v3/jobs", {"id": "j1"})


def test_closing(bench: MakeBench) -> None:
    b = bench(THING_REPLY)
    with b.client as client:
        client.item(READ_CALL)
    assert b.session.closed == 1


def test_without_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "HAS_REQUESTS", False)
    with pytest.raises(errors.TpopsError, match="requests"):
        Client(Connection("host"))


def test_everything_loads_without_requests() -> None:
    """So that the runner can report what is missing."""
    package = "ansible_collections.gaussdb.tpops.plugins.module_utils"
    code = f"import sys; sys.modules['requests'] = None; from {package} import runner; print(runner.HAS_REQUESTS)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("False\n", "")


# Tokens


def test_login_once_for_all_calls(bench: MakeBench) -> None:
    b = bench(LOGIN, THING_REPLY, **with_login())
    b.client.item(READ_CALL)
    b.client.item(READ_CALL)
    assert b.sent[0].path == "/v3/auth/mini-token"
    assert b.sent[0].body == {"username": "admin", "password": PASSWORD}
    assert b.tokens() == [None, "NewToken1", "NewToken1"]
    assert (b.client.requests_sent, b.client.logins) == (3, 1)
    assert b.client.token() == "NewToken1"


def test_token_info(bench: MakeBench, now: float) -> None:
    b = bench(LOGIN, **with_login())
    info = b.client.token_info()
    assert info["token"] == "NewToken1"
    assert info["expires_at"] == now + 1800
    assert (info["user_id"], info["session_timeout_minutes"], info["password_expiration_remaining_days"]) == (
        "u1",
        30,
        5,
    )
    assert (info["last_login_failed_ip"], info["last_login_failed_time"]) == ("192.0.2.9", "")
    given = bench(LOGIN).client.token_info()
    assert given["token"] == TOKEN
    assert set(given) == set(info)
    assert {value for key, value in given.items() if key != "token"} == {None}


def test_token_in_the_header_only_and_no_expiry(bench: MakeBench) -> None:
    b = bench(Answer(data={"session_timeout": 0}, headers={"X-Mini-Token": "HeaderToken"}), **with_login())
    assert (b.client.token(), b.client.token_info()["expires_at"]) == ("HeaderToken", None)


def test_session_that_never_ends_is_one_of_a_day(bench: MakeBench, tmp_path: Any) -> None:
    login = Answer(data={"x_mini_token": "NewToken1", "session_timeout": 10**400})
    cache = TokenCache(str(tmp_path / "cache"))
    info = bench(login, cache=cache, **with_login()).client.token_info()
    assert abs(info["expires_at"] - time.time() - 86_400) < 60
    assert bench(cache=cache, **with_login()).client.token() == "NewToken1"


@pytest.mark.parametrize("data", [{"user_id": "u1"}, {"x_mini_token": "two words"}, {"x_mini_token": ["x"]}])
def test_login_without_a_token(bench: MakeBench, data: Any) -> None:
    with pytest.raises(errors.InvalidReply, match="no token"):
        bench(Answer(data=data), **with_login()).client.token()


def test_nothing_to_log_in_with(bench: MakeBench) -> None:
    for options, option in (({}, "username"), ({"username": "admin"}, "password")):
        b = bench(THING_REPLY, token=None, **options)
        with pytest.raises(errors.InputError, match="username and password, or a token") as caught:
            b.client.item(READ_CALL)
        assert caught.value.option == option
        assert b.sent == []


def test_wrong_password_is_tried_once(bench: MakeBench) -> None:
    b = bench(failing(400, "DBS.200029", f"User name or password is wrong: {PASSWORD}"), **with_login())
    with pytest.raises(errors.AuthenticationFailed) as caught:
        b.client.item(READ_CALL)
    assert len(b.sent) == 1
    assert (caught.value.operation, caught.value.code) == ("create_token", "DBS.200029")
    assert PASSWORD not in repr(vars(caught.value)) and PASSWORD not in str(caught.value.as_result())


def test_the_code_of_a_wrong_password_means_something_else_elsewhere(bench: MakeBench) -> None:
    with pytest.raises(errors.ApiFailure):
        bench(failing(400, "DBS.200029")).client.send(WRITE_CALL)


def test_refused_token_is_replaced(bench: MakeBench) -> None:
    b = bench(REFUSED, LOGIN, Answer(data={}), **with_login(token=TOKEN))
    b.client.send(WRITE_CALL)
    assert b.tokens() == [TOKEN, None, "NewToken1"]
    assert b.sent[2].body == WRITE_CALL.body


def test_invalid_access_without_401_is_a_refused_token(bench: MakeBench) -> None:
    b = bench(Answer(400, data=REFUSED.data), LOGIN, THING_REPLY, **with_login(token=TOKEN))
    assert b.client.item(READ_CALL)["id"] == "t1"


def test_second_refusal_is_final(bench: MakeBench) -> None:
    b = bench(REFUSED, LOGIN, REFUSED, **with_login(token=TOKEN))
    with pytest.raises(errors.TokenRefused, match="rejected the token") as caught:
        b.client.item(READ_CALL)
    assert len(b.sent) == 3
    assert (caught.value.status, caught.value.code, caught.value.operation) == (401, "DBS.00110006", "get_thing")


def test_refused_token_without_credentials(bench: MakeBench) -> None:
    b = bench(REFUSED)
    with pytest.raises(errors.AuthenticationFailed) as caught:
        b.client.item(READ_CALL)
    assert len(b.sent) == 1
    # Asking again is useless.
    assert not isinstance(caught.value, errors.TokenRefused)
    assert "username and password" in str(caught.value.hint)
    assert TOKEN not in str(caught.value.as_result())


def test_401_of_a_login(bench: MakeBench) -> None:
    b = bench(Answer(401), **with_login())
    with pytest.raises(errors.AuthenticationFailed):
        b.client.token()
    assert len(b.sent) == 1


def test_clients_share_the_cached_token(bench: MakeBench, tmp_path: Any) -> None:
    cache = TokenCache(str(tmp_path / "cache"))
    first, second = bench(LOGIN, cache=cache, **with_login()), bench(THING_REPLY, cache=cache, **with_login())
    info = first.client.token_info()
    second.client.item(READ_CALL)
    assert second.tokens() == ["NewToken1"]
    assert (second.client.logins, second.client.token_info()) == (0, info)
    other = bench(failing(400, "DBS.200029"), cache=cache, **with_login(password="Wrong_Pw1"))
    with pytest.raises(errors.AuthenticationFailed):
        other.client.item(READ_CALL)
    assert bench(cache=cache, **with_login()).client.token() == "NewToken1"


def test_default_cache_and_turning_it_off(bench: MakeBench) -> None:
    bench(LOGIN, **with_login(token_cache=True)).client.token()
    assert bench(**with_login(token_cache=True)).client.token() == "NewToken1"
    b = bench(LOGIN, **with_login(token_cache=False))
    b.client.token()
    assert b.client.logins == 1


def test_refused_cached_token_is_dropped(bench: MakeBench, tmp_path: Any) -> None:
    cache = TokenCache(str(tmp_path / "cache"))
    cache.put("host:8002", "admin", PASSWORD, CachedToken("Stale1"))
    b = bench(REFUSED, LOGIN, THING_REPLY, cache=cache, **with_login())
    b.client.item(READ_CALL)
    assert b.tokens() == ["Stale1", None, "NewToken1"]
    assert cache.get("host:8002", "admin", PASSWORD).token == "NewToken1"  # type: ignore[union-attr]


def test_token_that_another_worker_renewed_is_tried_before_a_login(bench: MakeBench, tmp_path: Any) -> None:
    cache = TokenCache(str(tmp_path / "cache"))

    def renewed(_request: SentRequest) -> Answer:
        cache.put("host:8002", "admin", PASSWORD, CachedToken("Theirs1"))
        return REFUSED

    cache.put("host:8002", "admin", PASSWORD, CachedToken("Stale1"))
    b = bench(renewed, THING_REPLY, cache=cache, **with_login())
    b.client.item(READ_CALL)
    assert (b.tokens(), b.client.logins) == (["Stale1", "Theirs1"], 0)

    cache.put("host:8002", "admin", PASSWORD, CachedToken("Stale1"))
    b = bench(renewed, REFUSED, LOGIN, REFUSED, cache=cache, **with_login())
    with pytest.raises(errors.AuthenticationFailed):
        b.client.item(READ_CALL)
    assert b.tokens() == ["Stale1", "Theirs1", None, "NewToken1"]


def test_cache_that_cannot_forget_does_not_stop_a_login(
    bench: MakeBench, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = TokenCache(str(tmp_path / "cache"))
    cache.put("host:8002", "admin", PASSWORD, CachedToken("Stale1"))
    monkeypatch.setattr(TokenCache, "drop", lambda *_args: None)
    b = bench(REFUSED, LOGIN, THING_REPLY, cache=cache, **with_login())
    b.client.item(READ_CALL)
    assert b.client.logins == 1


def test_fifty_workers_log_in_once(server: ScriptedServer, tls: TlsFiles) -> None:
    server.script = lambda request: LOGIN if request.path.endswith("mini-token") else THING_REPLY

    def work(_number: int) -> int:
        with Client(Connection(server.endpoint, "admin", PASSWORD, ca_path=tls.ca)) as client:
            client.item(READ_CALL)
            return client.logins

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(work, range(50))) == 1
    assert len(server.seen) == 51


# Repeats


@pytest.mark.parametrize(
    "fault", [RESET, TIMEOUT, REFUSED_CONNECTION, *(Answer(status) for status in (429, 500, 502, 503, 504))]
)
@pytest.mark.parametrize("call", [READ_CALL, QUERY.call(body={"a": 1})], ids=["GET", "POST"])
def test_reads_are_repeated(bench: MakeBench, clock: FakeClock, fault: Any, call: Any) -> None:
    b = bench(fault, fault, THING_REPLY)
    assert b.client.send(call).data["id"] == "t1"
    assert (len(b.sent), clock.sleeps) == (3, [0.5, 1.0])
    assert len(b.lines) == 2 and b.lines[0].endswith("trying again")


@pytest.mark.parametrize("content", [b'{"id": ', b"", b"\xff\xfe\xfd", b"[" * 100_000])
def test_reads_with_a_broken_reply_are_repeated(bench: MakeBench, content: bytes) -> None:
    b = bench(Answer(content=content, headers={"Content-Type": "application/json"}), THING_REPLY)
    assert b.client.item(READ_CALL)["id"] == "t1"
    b = bench(Answer(content=content, headers={"Content-Type": "application/json", "X-TRACE-ID": "trace-9"}))
    with pytest.raises(errors.InvalidReply) as caught:
        b.client.item(READ_CALL)
    assert (len(b.sent), caught.value.status, caught.value.trace_id) == (5, 200, "trace-9")
    assert "(5 attempts)" in str(caught.value)


def test_web_page_instead_of_a_reply(bench: MakeBench) -> None:
    b = bench(Answer(content=b"<html>Log in</html>", headers={"Content-Type": "text/html"}))
    with pytest.raises(errors.InvalidReply, match="HTML") as caught:
        b.client.item(READ_CALL)
    assert len(b.sent) == 1
    assert "endpoint" in str(caught.value.hint)


def test_pauses_grow_and_are_jittered(bench: MakeBench, clock: FakeClock) -> None:
    b = bench(RESET, chance=0.0, retries=6)
    with pytest.raises(
        errors.ConnectionFailed, match=r"No reply from the platform at host:8002 to get_thing.*\(7 attempts\)"
    ):
        b.client.item(READ_CALL)
    assert clock.sleeps == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0]


def test_all_repeats_have_one_budget(bench: MakeBench, clock: FakeClock) -> None:
    def slow(_request: SentRequest) -> Exception:
        clock.now += 30
        return TIMEOUT

    b = bench(slow, retries=100)
    b.session.script = [slow]
    with pytest.raises(errors.ConnectionFailed, match="no reply came within 30 seconds"):
        b.client.item(READ_CALL)
    assert len(b.sent) == 4


def test_no_repeats_wanted(bench: MakeBench) -> None:
    b = bench(REFUSED_CONNECTION, retries=0)
    with pytest.raises(errors.ConnectionFailed) as caught:
        b.client.item(READ_CALL)
    assert str(caught.value) == "Cannot connect to the platform at host:8002 for get_thing: the connection was refused"
    assert caught.value.__context__ is None


@pytest.mark.parametrize("status", [429, 503])
def test_overload_is_repeated_for_writes_too(bench: MakeBench, clock: FakeClock, status: int) -> None:
    b = bench(failing(status, "", "slow down", **{"Retry-After": "7"}), Answer(data={}))
    b.client.send(WRITE_CALL)
    assert clock.sleeps == [7.0]
    assert b.lines == [f"the platform answered HTTP {status}, trying again"]


def test_retry_after(bench: MakeBench, clock: FakeClock, now: float) -> None:
    date = email.utils.formatdate(now + 20, usegmt=True)
    waits = [(date, 20), ("3600", 60), ("9" * 5000, 60), ("0", 0), ("Fri, 31 Dec 9000 23:59:59 GMT", 60)]
    odd = (
        "soon",
        "\u00b2",
        "\u0663",
        "nan",
        "inf",
        "-5",
        "1e309",
        "1.5",
        "Mon, 05 Jan 10000 08:00:00 GMT",
        "Mon, 05 Jan 2026 08:00:00 +" + "9" * 20,
    )
    for value, seconds in (*waits, *((value, 0.5) for value in odd)):
        clock.sleeps.clear()
        bench(failing(503, **{"Retry-After": value}), THING_REPLY).client.item(READ_CALL)
        assert clock.sleeps[0] == seconds
    clock.sleeps.clear()
    with pytest.raises(errors.ApiFailure) as caught:
        bench(failing(503, **{"Retry-After": "60"}), timeout=5).client.item(READ_CALL)
    assert clock.sleeps == [] and caught.value.status == 503


def test_a_moment_to_come_back_at_is_one_of_the_platforms_clock(bench: MakeBench, clock: FakeClock) -> None:
    """Its clock is an hour ahead of ours."""
    now = time.time() + 3600
    headers = {
        "Date": email.utils.formatdate(now, usegmt=True),
        "Retry-After": email.utils.formatdate(now + 20, usegmt=True),
    }
    bench(failing(503, **headers), THING_REPLY).client.item(READ_CALL)
    assert 17 <= clock.sleeps[0] <= 21


def test_an_answer_is_not_repeated_because_of_its_500(bench: MakeBench) -> None:
    b = bench(failing(500, "DBS.200751"))
    with pytest.raises(errors.NotFound):
        b.client.item(READ_CALL)
    assert len(b.sent) == 1


@pytest.mark.parametrize("status", [400, 404, 422, 501])
def test_refusals_are_not_repeated(bench: MakeBench, status: int) -> None:
    b = bench(failing(status))
    with pytest.raises(errors.TpopsError):
        b.client.item(READ_CALL)
    assert len(b.sent) == 1


def test_untrusted_certificate_is_not_repeated(server: ScriptedServer, other_tls: TlsFiles, clock: FakeClock) -> None:
    client = Client(Connection(server.endpoint, token=TOKEN, ca_path=other_tls.ca), clock=clock, sleep=clock.sleep)
    with pytest.raises(errors.ConnectionFailed, match="certificate") as caught:
        client.send(WRITE_CALL)
    assert client.requests_sent == 1
    assert "ca_path" in caught.value.as_result()["msg"] and "validate_certs" in caught.value.as_result()["msg"]


def test_writes_are_repeated_when_nothing_was_sent(bench: MakeBench) -> None:
    b = bench(REFUSED_CONNECTION, Answer(data={}))
    b.client.send(WRITE_CALL)
    assert len(b.sent) == 2
    b = bench(REFUSED_CONNECTION)
    with pytest.raises(errors.ConnectionFailed):
        b.client.send(WRITE_CALL)


HTML = Answer(content=b"<html/>", headers={"Content-Type": "text/html"})


@pytest.mark.parametrize("fault", [RESET, TIMEOUT, Answer(content=b'{"job'), HTML, Answer(502), Answer(504)])
def test_writes_without_a_reply_are_ambiguous(bench: MakeBench, fault: Any) -> None:
    b = bench(fault)
    with pytest.raises(errors.AmbiguousWrite, match="create_thing") as caught:
        b.client.send(WRITE_CALL)
    assert len(b.sent) == 1
    assert (caught.value.operation, caught.value.method, caught.value.path) == ("create_thing", "POST", "/v3/things")
    assert caught.value.hint
    assert caught.value.__context__ is None and caught.value.__cause__ is None


def test_job_without_its_reply_is_ambiguous(bench: MakeBench) -> None:
    with pytest.raises(errors.AmbiguousWrite, match="empty"):
        bench(Answer(200)).client.send(JOB_WRITE.call(path={"thing_id": "t1"}))


def test_failed_write_is_not_repeated(bench: MakeBench) -> None:
    b = bench(failing(500))
    with pytest.raises(errors.ApiFailure):
        b.client.send(WRITE_CALL)
    assert len(b.sent) == 1


@pytest.mark.parametrize("fault", ["reset", "close", "cut"])
def test_lost_replies_over_the_wire(server: ScriptedServer, tls: TlsFiles, clock: FakeClock, fault: str) -> None:
    client = Client(Connection(server.endpoint, token=TOKEN, ca_path=tls.ca), clock=clock, sleep=clock.sleep)
    server.script = [Answer(data={"id": "t" * 100}, fault=fault), THING_REPLY]
    with pytest.raises(errors.AmbiguousWrite):
        client.send(WRITE_CALL)
    assert len(server.seen) == 1
    server.script = [Answer(data={"id": "t" * 100}, fault=fault), THING_REPLY]
    assert client.item(READ_CALL)["id"] == "t1"
    assert len(server.seen) == 3


# Busy objects


def test_busy_object_is_waited_for(bench: MakeBench, clock: FakeClock) -> None:
    b = bench(*[BUSY] * 8, Answer(data={}))
    b.client.send(WRITE_CALL)
    assert clock.sleeps[:3] == [1.0, 1.5, 2.25] and clock.sleeps[-1] == 10.0
    assert b.lines == ["instance is busy (DBS.200019), waiting"] * 8


def test_busy_object_is_waited_for_no_longer_than_allowed(bench: MakeBench, clock: FakeClock) -> None:
    b = bench(failing(400, "DBS.216011", "Node is busy."), busy_timeout=20)
    with pytest.raises(errors.Busy) as caught:
        b.client.send(WRITE_CALL)
    assert sum(clock.sleeps) == 20
    assert (
        str(caught.value)
        == "create_thing failed: Node is busy (HTTP 400, DBS.216011); the object stayed busy for 20 seconds"
    )
    assert (caught.value.code, caught.value.status, caught.value.trace_id) == ("DBS.216011", 400, "trace-9")
    assert caught.value.hint and caught.value.details["reply"]["error_code"] == "DBS.216011"


def test_busy_object_is_not_waited_for(bench: MakeBench, clock: FakeClock) -> None:
    b = bench(Answer(409), busy_timeout=0)
    with pytest.raises(errors.Busy, match=r"\(HTTP 409\)") as caught:
        b.client.send(WRITE_CALL)
    assert clock.sleeps == []
    assert "busy_timeout" in str(caught.value.hint)


def test_busy_object_with_retry_after(bench: MakeBench, clock: FakeClock) -> None:
    answers = [failing(409, "DBS.200019", **{"Retry-After": value}) for value in ("30", "0")]
    bench(*answers, Answer(data={})).client.send(WRITE_CALL)
    assert clock.sleeps == [30.0, 0.5]


USERS = Operation("list_users", "GET", "/v3/instances/{instance_id}/users", "4.0", read=True)
BACKUP = Operation("create_backup", "POST", "/v3/backups", "4.0")
OF_INSTANCE = (
    USERS.call({"instance_id": "in1"}),
    BACKUP.call(body={"instance_id": "in1"}),
    BACKUP.call(body={"target": {"instance_id": "in1"}}),
)


def instance(status: str) -> Answer:
    return Answer(
        data={"instances": [{"id": "in0", "status": "ACTIVE"}, {"id": "in1", "status": status}], "total_count": 2}
    )


@pytest.mark.parametrize("call", OF_INSTANCE, ids=lambda call: call.operation.name)
@pytest.mark.parametrize("code", ["DBS.280011", "DBS.216009", "DBS.200079"])
def test_an_instance_whose_status_is_transient_is_waited_for(
    bench: MakeBench, clock: FakeClock, call: Call, code: str
) -> None:
    statuses = ("REBOOTING", "Switchover", "BACKING UP")
    refused = [each for status in statuses for each in (failing(400, code, "Not normal."), instance(status))]
    b = bench(*refused, Answer(data={}))
    b.client.send(call)
    assert clock.sleeps == [1.0, 1.5, 2.25]
    assert [sent.query for sent in b.sent[1::2]] == [{"id": "in1", "offset": "0", "limit": "100"}] * 3


@pytest.mark.parametrize("status", ["SHUTDOWN", "FAILED", "STORAGE FULL"])
def test_an_instance_whose_status_stays_is_not_waited_for(bench: MakeBench, clock: FakeClock, status: str) -> None:
    b = bench(failing(400, "DBS.280011", "Not normal."), instance(status))
    with pytest.raises(errors.ApiFailure, match="Not normal"):
        b.client.send(OF_INSTANCE[0])
    assert clock.sleeps == []


def test_a_status_that_ended_before_the_look_is_worth_another_try(bench: MakeBench, clock: FakeClock) -> None:
    refusal = failing(400, "DBS.280011", "Not normal.")
    b = bench(refusal, instance("ACTIVE"), Answer(data={}))
    b.client.send(OF_INSTANCE[0])
    b = bench(*[refusal, instance("ACTIVE")] * 2)
    with pytest.raises(errors.ApiFailure, match="Not normal"):
        b.client.send(OF_INSTANCE[0])
    assert len(b.sent) == 4
    assert clock.sleeps == []


def test_a_transient_status_that_lasts_is_told(bench: MakeBench, clock: FakeClock) -> None:
    b = bench(*[failing(400, "DBS.280011", "Not normal."), instance("BACKING UP")] * 9, busy_timeout=20)
    with pytest.raises(errors.Busy, match="Not normal.*stayed busy for 20 seconds") as caught:
        b.client.send(OF_INSTANCE[0])
    assert "busy_timeout" in str(caught.value.hint)
    b = bench(failing(400, "DBS.280011"), instance("REBOOTING"))
    with pytest.raises(errors.Busy):
        b.client.send(OF_INSTANCE[0], wait_when_busy=False)


def test_only_the_status_of_an_instance_is_looked_at(bench: MakeBench) -> None:
    for call, code in ((WRITE_CALL, "DBS.280011"), (OF_INSTANCE[0], "DBS.200001")):
        b = bench(failing(400, code))
        with pytest.raises(errors.ApiFailure):
            b.client.send(call)
        assert len(b.sent) == 1


@pytest.mark.parametrize(
    "answer",
    [
        failing(429, "DBS.201014"),
        failing(403, "DBS.05000084"),
        failing(409, "DBS.999999", "Try again later."),
        Answer(409, content=b"<html/>"),
        Answer(200, data={"error_code": "DBS.200019", "error_msg": "busy"}),
    ],
)
def test_what_counts_as_busy(bench: MakeBench, answer: Answer) -> None:
    b = bench(answer, Answer(data={}))
    b.client.send(WRITE_CALL)
    assert b.lines[0].startswith("instance is busy")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failing(409, "DBS.06025059", "Data center exists."), errors.ApiFailure),
        (failing(409, "DBS.06020105", "No relation."), errors.NotFound),
        (failing(409, "DBS.999999", "The name already exists."), errors.ApiFailure),
        (failing(409, "DBS.999999", "名称已存在"), errors.ApiFailure),
        (failing(500, "DBS.200019"), errors.ApiFailure),
    ],
)
def test_what_does_not_count_as_busy(bench: MakeBench, answer: Answer, kind: type[errors.TpopsError]) -> None:
    b = bench(answer)
    with pytest.raises(kind):
        b.client.send(WRITE_CALL)
    assert len(b.sent) == 1


# Errors


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (failing(400, "DBS.200001", "Parameter error."), errors.ApiFailure, "Parameter error (HTTP 400, DBS.200001)"),
        (
            Answer(400, data={"errCode": "DBS.280001", "externalMessage": "Bad [x]"}),
            errors.ApiFailure,
            "Bad [x] (HTTP 400, DBS.280001)",
        ),
        (
            Answer(400, data={"error": {"code": "DBS.1", "message": "Nested\n text"}}),
            errors.ApiFailure,
            "Nested text (HTTP 400, DBS.1)",
        ),
        (
            Answer(400, content=b"DBS.200824: The instance is gone."),
            errors.NotFound,
            "The instance is gone (HTTP 400, DBS.200824)",
        ),
        (Answer(400, data="[DBS.200824] Gone."), errors.NotFound, "Gone (HTTP 400, DBS.200824)"),
        (Answer(404, content=b"DBS.200002 Gone"), errors.NotFound, "Gone (HTTP 404, DBS.200002)"),
        (Answer(500, content="DBS.200002：实例不存在".encode()), errors.NotFound, "实例不存在 (HTTP 500, DBS.200002)"),
        (
            Answer(400, data={"errors": [{"error_code": "DBS.200001", "error_msg": "Bad."}, {}]}),
            errors.ApiFailure,
            "Bad (HTTP 400, DBS.200001)",
        ),
        (
            Answer(400, data={"errors": [{"code": "DBS.200001", "message": "Bad."}]}),
            errors.ApiFailure,
            "Bad (HTTP 400, DBS.200001)",
        ),
        (Answer(400, data={"errors": ["DBS.200001: Bad."]}), errors.ApiFailure, "Bad (HTTP 400, DBS.200001)"),
        (
            Answer(400, data=[{"error_code": "DBS.200001", "error_msg": "Bad."}]),
            errors.ApiFailure,
            "Bad (HTTP 400, DBS.200001)",
        ),
        (Answer(400, data={"errors": []}), errors.ApiFailure, "the platform gave no reason (HTTP 400)"),
        (Answer(400, data={"errors": [None]}), errors.ApiFailure, "the platform gave no reason (HTTP 400)"),
        (
            Answer(200, data={"errors": [{"error_code": "DBS.200002", "error_msg": "Gone"}]}),
            errors.NotFound,
            "Gone (HTTP 200, DBS.200002)",
        ),
        (Answer(200, content=b"DBS.200002: Gone"), errors.NotFound, "Gone (HTTP 200, DBS.200002)"),
        (
            Answer(400, content=b"Bad request, see DBS.200001"),
            errors.ApiFailure,
            "the reply is not a complete JSON document (HTTP 400)",
        ),
        (Answer(400, data={"fail_count": 2}), errors.ApiFailure, "the platform gave no reason (HTTP 400)"),
        (Answer(400, data=[]), errors.ApiFailure, "the platform gave no reason (HTTP 400)"),
        (Answer(400), errors.ApiFailure, "the reply is empty (HTTP 400)"),
        (
            Answer(400, content=b"<html>x</html>"),
            errors.ApiFailure,
            "the reply is an HTML page instead of JSON (HTTP 400)",
        ),
        (Answer(400, content=b'{"error_c'), errors.ApiFailure, "the reply is not a complete JSON document (HTTP 400)"),
        (failing(400, "DBS.00110007", "No."), errors.PermissionDenied, "No (HTTP 400, DBS.00110007)"),
        (failing(400, "DBS.200044", "No."), errors.PermissionDenied, "No (HTTP 400, DBS.200044)"),
        (Answer(403), errors.PermissionDenied, "the reply is empty (HTTP 403)"),
        (failing(403, "DBS.200002", "Gone."), errors.NotFound, "Gone (HTTP 403, DBS.200002)"),
        (failing(400, "DBS.6025031", "Gone."), errors.NotFound, "Gone (HTTP 400, DBS.6025031)"),
        (failing(404, "X", "Gone."), errors.NotFound, "Gone (HTTP 404, X)"),
        (Answer(404), errors.NotFound, "the reply is empty (HTTP 404)"),
        (Answer(410), errors.NotFound, "the reply is empty (HTTP 410)"),
        (
            Answer(404, content=b"<html>nginx</html>"),
            errors.InvalidReply,
            "the reply is an HTML page instead of JSON (HTTP 404)",
        ),
        (
            Answer(403, content=b"<html>nginx</html>"),
            errors.InvalidReply,
            "the reply is an HTML page instead of JSON (HTTP 403)",
        ),
        (
            Answer(200, data={"error_code": "DBS.200002", "error_msg": "Gone."}),
            errors.NotFound,
            "Gone (HTTP 200, DBS.200002)",
        ),
        (
            Answer(302, headers={"Location": "https://sso.example:8443/login?token=Hidden"}),
            errors.InvalidReply,
            "the platform answered with a redirect to sso.example:8443, which is not followed (HTTP 302)",
        ),
        (
            Answer(307, headers={"Location": "/login"}),
            errors.InvalidReply,
            "the platform answered with a redirect to another path of the same host, which is not followed (HTTP 307)",
        ),
        (
            Answer(301, headers={"Location": "https://[x/"}),
            errors.InvalidReply,
            "the platform answered with a redirect to an address that cannot be read, which is not followed (HTTP 301)",
        ),
    ],
)
def test_error_replies(bench: MakeBench, answer: Answer, kind: type[errors.TpopsError], message: str) -> None:
    answer = Answer(answer.status, answer.data, answer.content, {**answer.headers, "x-trace-id": "trace-9"})
    with pytest.raises(errors.TpopsError) as caught:
        bench(answer).client.send(WRITE_CALL)
    assert caught.value.__class__ is kind
    assert str(caught.value) == f"create_thing failed: {message}"
    assert (caught.value.status, caught.value.trace_id) == (answer.status, "trace-9")
    assert (caught.value.details == {}) == (not answer.data and answer.data != [])
    assert caught.value.as_result()["error"]["operation"] == "create_thing"


OTHER = WRITE.call(
    body={"ip": ["192.0.2.1"], "password": "Hidden_Pw3"}, other={"ip": "192.0.2.1", "password": "Hidden_Pw3"}
)


@pytest.mark.parametrize(
    "refusal",
    [failing(400, "DBS.200001", "Bad ip."), failing(400, "DBS.280001", "Bad."), Answer(400, data={"status": 400})],
)
def test_what_is_refused_as_wrong_is_sent_in_its_other_form(bench: MakeBench, refusal: Answer) -> None:
    b = bench(refusal, Answer(202, data={"job_id": "j"}))
    assert b.client.send(OTHER).data == {"job_id": "j"}
    assert [sent.body["ip"] for sent in b.sent] == [["192.0.2.1"], "192.0.2.1"]


def test_when_both_forms_are_refused_the_first_refusal_counts(bench: MakeBench) -> None:
    b = bench(failing(400, "DBS.200001", "Bad name."), failing(400, "DBS.200001", "ip is not a list."))
    with pytest.raises(errors.ApiFailure, match="Bad name"):
        b.client.send(OTHER)
    assert len(b.sent) == 2
    b = bench(failing(400, "DBS.200001", "Bad name."), failing(400, "DBS.200052", "Weak password."))
    with pytest.raises(errors.ApiFailure, match="Weak password"):
        b.client.send(OTHER)


@pytest.mark.parametrize(
    "answer",
    [
        failing(400, "DBS.200052", "Weak."),
        failing(404, "DBS.200001", "x"),
        failing(500, "DBS.200001", "x"),
        Answer(502),
    ],
)
def test_any_other_refusal_is_final(bench: MakeBench, answer: Answer) -> None:
    b = bench(answer)
    with pytest.raises(errors.TpopsError):
        b.client.send(OTHER)
    assert len(b.sent) == 1


def test_long_messages_are_shortened(bench: MakeBench) -> None:
    with pytest.raises(errors.ApiFailure) as caught:
        bench(failing(400, "DBS.1", "x" * 5000)).client.send(WRITE_CALL)
    assert len(str(caught.value)) < 600


def test_secrets_that_the_platform_echoes_are_censored(bench: MakeBench) -> None:
    echo = f"{'x' * 490} Hidden_Pw2 {PASSWORD} {TOKEN}"
    b = bench(failing(400, "DBS.200001", echo), **with_login(token=TOKEN))
    with pytest.raises(errors.ApiFailure) as caught:
        b.client.send(WRITE_CALL)
    shown = repr(vars(caught.value)) + repr(caught.value.args) + str(caught.value.as_result())
    assert "Hidden" not in shown and PASSWORD not in shown and TOKEN not in shown
    assert "********" in shown
    assert b.client.censor(["Hidden_Pw2"]) == ["********"]


def test_token_of_a_login_is_censored(bench: MakeBench) -> None:
    b = bench(LOGIN, failing(400, "DBS.200001", "token NewToken1 is odd"), **with_login())
    with pytest.raises(errors.ApiFailure) as caught:
        b.client.item(READ_CALL)
    assert "NewToken1" not in str(caught.value)


def test_lines_are_for_whoever_wants_them(clock: FakeClock) -> None:
    client = Client(
        Connection("host", token=TOKEN),
        clock=clock,
        sleep=clock.sleep,
        rng=lambda: 0.5,
        session_factory=FakeSession([RESET, THING_REPLY]),
    )
    assert client.item(READ_CALL)["id"] == "t1"
    assert clock.sleeps == [0.375]


def test_what_the_platform_says_cannot_control_the_terminal(bench: MakeBench) -> None:
    odd = "\x1b[2J\r\nok: [host]\u202e"
    data = {"error_code": odd + "9" * 100_000, "error_msg": odd + "x" * 100_000}
    with pytest.raises(errors.ApiFailure) as caught:
        bench(Answer(400, data=data, headers={"X-TRACE-ID": "\x1b[2J" + "t" * 60_000})).client.send(WRITE_CALL)
    shown = caught.value.as_result()
    for text in (str(caught.value), shown["msg"], shown["error"]["code"], shown["error"]["trace_id"]):
        assert text.isprintable() and len(text) < 1000
    assert caught.value.details["reply"] == data
