# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The messages of failed calls, word for word."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import urllib3

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call, Operation
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr, Shape
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client, Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.tests.unit.support import Answer, FakeClock, FakeSession

THING = Shape((Attr("id"),))
READ = Operation("get_thing", "GET", "/v3/things/{thing_id}", "4.0", read=True, shape=THING).call(
    path={"thing_id": "t1"}
)
LIST = Operation(
    "list_things", "GET", "/v3/things", "4.0", read=True, items=("things",), page_size=2, shape=THING
).call()
WRITE = Operation("create_thing", "POST", "/v3/things", "4.0").call(body={"name": "t1"})

CUT = requests.ConnectionError(
    urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "reset"))
)
AWAY = requests.ConnectionError(ConnectionRefusedError(111, "refused"))
SLOW = requests.ReadTimeout(urllib3.exceptions.ReadTimeoutError(None, "/", "slow"))  # type: ignore[arg-type]


def said(clock: FakeClock, call: Call, *script: Any, **options: Any) -> str:
    connection = Connection("host", **{"token": "t", "token_cache": False, "retries": 0, "busy_timeout": 0, **options})
    client = Client(
        connection, clock=clock, sleep=clock.sleep, rng=lambda: 1.0, session_factory=FakeSession(list(script))
    )
    with pytest.raises(TpopsError) as caught:
        client.items(call) if call.operation.items else client.send(call)
    return str(caught.value.as_result()["msg"])


def failed(status: int, code: str | None = None, text: str | None = None) -> Answer:
    return Answer(status, data={"error_code": code, "error_msg": text}, headers={"X-TRACE-ID": "trace-9"})


_NOT_THE_API = (
    "Check that endpoint is the address of the platform's API (port 8002 by default) and not of another web server."
)
_PERHAPS = "the platform may have executed it. Run the task again: it finds what was executed."


@pytest.mark.parametrize(
    ("call", "answer", "sentence"),
    [
        (READ, AWAY, "Cannot connect to the platform at host:8002 for get_thing: the connection was refused"),
        (
            READ,
            CUT,
            (
                "No reply from the platform at host:8002 to get_thing: the connection was closed before the reply was "
                "complete"
            ),
        ),
        (READ, SLOW, "No reply from the platform at host:8002 to get_thing: no reply came within 30 seconds"),
        (WRITE, AWAY, "Cannot connect to the platform at host:8002 for create_thing: the connection was refused"),
        (WRITE, CUT, f"create_thing was sent, but the connection was closed before the reply was complete: {_PERHAPS}"),
        (WRITE, SLOW, f"create_thing was sent, but no reply came within 30 seconds: {_PERHAPS}"),
        (
            WRITE,
            Answer(200, content=b"OK"),
            f"create_thing was sent, but the reply is neither empty nor a JSON object: {_PERHAPS}",
        ),
        (
            READ,
            failed(400, "DBS.200044", "The thing does not exist."),
            "get_thing failed: The thing does not exist (HTTP 400, DBS.200044). Check the name or ID, and whether the "
            "platform user has access to the object.",
        ),
        (
            READ,
            failed(404, "DBS.200002", "Not found."),
            "get_thing failed: Not found (HTTP 404, DBS.200002). Check the name or ID of the instance.",
        ),
        (READ, failed(403, "DBS.200010", "No permission."), "get_thing failed: No permission (HTTP 403, DBS.200010)"),
        (READ, failed(500), "get_thing failed: the platform gave no reason (HTTP 500)"),
        (READ, Answer(418, content=b""), "get_thing failed: the reply is empty (HTTP 418)"),
        (
            WRITE,
            failed(409, "DBS.200019", "Instance is busy."),
            "create_thing failed: Instance is busy (HTTP 409, DBS.200019); the object stayed busy for 0 seconds. "
            "Another operation runs on the instance, or it is faulty: check its status, or increase busy_timeout.",
        ),
        (WRITE, failed(409, "DBS.1", "It exists already."), "create_thing failed: It exists already (HTTP 409, DBS.1)"),
        (
            READ,
            Answer(200, content=b"<html>Log in</html>"),
            f"get_thing failed: the reply is an HTML page. {_NOT_THE_API}",
        ),
        (
            READ,
            Answer(200, content=b'{"id": '),
            f"get_thing failed: the reply is not a complete JSON document. {_NOT_THE_API}",
        ),
        (READ, Answer(200, content=b""), f"get_thing failed: the reply is empty. {_NOT_THE_API}"),
        (
            READ,
            Answer(302, headers={"Location": "https://other/"}),
            (
                "get_thing failed: the platform answered with a redirect to other, which is not followed (HTTP 302). "
                f"{_NOT_THE_API}"
            ),
        ),
        (
            READ,
            Answer(300, data={"id": "a"}, headers={"Location": "/thing"}),
            (
                "get_thing failed: the platform answered with a redirect to another path of the same host, which is "
                f"not followed (HTTP 300). {_NOT_THE_API}"
            ),
        ),
        (
            LIST,
            Answer(data={"things": [{"id": "a"}], "total": 5}),
            "list_things failed: the list ends after 1 of 5 entries",
        ),
        (
            READ,
            failed(401, "DBS.00110006", "Invalid access."),
            "The platform rejected the token: get_thing failed: Invalid access (HTTP 401, DBS.00110006). Get a new "
            "token, or give username "
            "and password so that expired tokens are replaced.",
        ),
    ],
)
def test_what_is_said_of_a_failed_call(clock: FakeClock, call: Call, answer: Any, sentence: str) -> None:
    assert said(clock, call, answer) == sentence


def test_what_is_said_when_there_is_nothing_to_log_in_with(clock: FakeClock) -> None:
    assert said(clock, READ, token=None) == "username: set username and password, or a token, to log in to the platform"


def test_what_is_said_of_a_wrong_password(clock: FakeClock) -> None:
    answer = failed(400, "DBS.200029", "Incorrect user name or password.")
    assert said(clock, READ, answer, token=None, username="admin", password="Wrong_Pw1") == (
        "create_token failed: Incorrect user name or password (HTTP 400, DBS.200029). Check username and password; too "
        "many failed logins "
        "can lock the account."
    )
