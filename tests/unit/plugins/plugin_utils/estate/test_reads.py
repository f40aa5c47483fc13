# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads that several tasks share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.database import create_database, list_databases
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import get_instance_extension, list_instances
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.key_pair import list_key_pairs
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.token_cache import CachedToken
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.limit import Limit
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reads import (
    LimitedClient,
    SharedReads,
    SharedToken,
    TaskClient,
)
from ansible_collections.gaussdb.tpops.tests.unit.support import Answer, ScriptedServer, SentRequest, TlsFiles

INSTANCES = [{"id": "1", "name": "core"}, {"id": "2", "name": "cards"}]


class FakeClient:
    """Answers every list, and counts."""

    def __init__(self, calls: list[Call], wait: Callable[[], Any] = lambda: None) -> None:
        self.calls, self.wait = calls, wait
        self.requests_sent, self.warnings, self.knows_time = 0, ["kept nowhere"], False

    def token(self) -> str:
        return "token"

    def items(self, call: Call) -> list[dict[str, Any]]:
        self.calls.append(call)
        self.wait()
        if call.path_args.get("instance_id") == "bad":
            raise ApiFailure("refused")
        return [dict(entry) for entry in INSTANCES]

    def item(self, call: Call) -> dict[str, Any]:
        self.calls.append(call)
        return {"key": call.query["key"]}


def reads_of(calls: list[Call], wait: Callable[[], Any] = lambda: None) -> SharedReads:
    made: Any = FakeClient
    return SharedReads(lambda: made(calls, wait))


def test_each_read_is_sent_once() -> None:
    calls: list[Call] = []
    reads = reads_of(calls)
    for _time in range(3):
        for identity in ("1", "2"):
            reads.items(list_databases(identity))
            reads.item(get_instance_extension(identity, "a"))
    assert len(calls) == 4
    assert reads.counts == {"list_databases": 2, "get_instance_extension": 2}
    reads.item(get_instance_extension("1", "b"))
    assert len(calls) == 5


def test_two_that_ask_at_the_same_time_get_one_answer() -> None:
    calls: list[Call] = []
    gate = threading.Event()
    reads = reads_of(calls, lambda: gate.wait(5))
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(reads.items, list_databases("1")) for _number in range(4)]
        while not calls:
            pass
        gate.set()
        answers = [each.result() for each in asked]
    assert len(calls) == 1 and answers == [INSTANCES] * 4


def test_instances_are_read_as_one_list() -> None:
    calls: list[Call] = []
    reads = reads_of(calls)
    assert reads.items(list_instances(name="core")) == INSTANCES[:1]
    assert reads.items(list_instances(instance_id="2")) == INSTANCES[1:]
    assert reads.items(list_instances(name="cor")) == []
    assert reads.items(list_instances()) == INSTANCES
    assert [call.query for call in calls] == [{}]
    # What the list does not show is left to the platform.
    reads.items(list_instances(name="core", instance_type="Ha"))
    assert len(calls) == 2
    assert reads.items(list_key_pairs(name="core")) == INSTANCES[:1]


def test_nobody_sees_what_another_does_to_an_answer() -> None:
    reads = reads_of([])
    reads.items(list_databases("1"))[0]["name"] = "other"
    assert reads.items(list_databases("1")) == INSTANCES


def test_an_error_is_the_answer_for_all() -> None:
    calls: list[Call] = []
    reads = reads_of(calls)
    for _time in range(2):
        with pytest.raises(ApiFailure):
            reads.items(list_databases("bad"))
    assert len(calls) == 1


def test_no_write_is_ever_sent() -> None:
    calls: list[Call] = []
    with pytest.raises(TpopsError, match="sends no write"):
        reads_of(calls).send(create_database("1", {"name": "a"}))
    assert calls == []


def test_a_task_has_a_client_that_shares() -> None:
    calls: list[Call] = []
    reads = reads_of(calls)
    reads.login()
    connection: Any = SimpleNamespace(address="a:1")
    tasks = [TaskClient(reads, connection, on_wait=None) for _number in range(2)]
    for task in tasks:
        assert task.items(list_databases("1")) == INSTANCES
        assert task.knows_time is False
        task.close()
    assert len(calls) == 1
    assert tasks[0].warnings == [] and reads.warnings == ["kept nowhere"]


@pytest.mark.parametrize("token_cache", [True, False])
def test_there_is_one_login_however_many_connections(tls: TlsFiles, server: ScriptedServer, token_cache: bool) -> None:
    together = threading.Barrier(3, timeout=5)

    class Client(LimitedClient):
        def _send_once(self, call: Call, token: str | None) -> Any:
            if not call.operation.anonymous:
                together.wait()
            return super()._send_once(call, token)

    def answer(request: SentRequest) -> Answer:
        if "mini-token" in request.path:
            return Answer(data={"x_mini_token": "t1", "session_timeout": 30})
        return Answer(data={"databases": [], "total": 0})

    server.script = answer
    connection = Connection(
        server.endpoint, "user", "password", ca_path=tls.ca, token_cache=token_cache, retries=0, timeout=5
    )
    limit, token = Limit(3), SharedToken(token_cache)
    reads = SharedReads(lambda: Client(connection, limit, token))
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda number: reads.items(list_databases(str(number))), range(3))) == [[]] * 3
    reads.close()
    logins = [request for request in server.seen if "mini-token" in request.path]
    assert len(logins) == 1
    assert len({request.headers["X-Client-Port"] for request in server.seen}) == 3
    assert reads.requests_sent == 4


def test_a_platform_that_refuses_gets_fewer_at_a_time(tls: TlsFiles, server: ScriptedServer) -> None:
    server.script = [Answer(status=429, data={}), Answer(data={"databases": [], "total": 0})]
    connection = Connection(server.endpoint, token="t1", ca_path=tls.ca, retries=1)
    limit = Limit(8)
    client = LimitedClient(connection, limit, SharedToken(False))
    client.sleep = lambda _seconds: None
    assert client.items(list_databases("1")) == []
    assert limit.allowed == 4


def test_a_token_that_was_refused_is_replaced_for_all() -> None:
    cache = SharedToken(False)
    names = ("host:8002", "user", "password")
    cache.put(*names, CachedToken("old"))
    cache.drop(*names[:2], "another")
    assert cache.get(*names) == CachedToken("old")
    with cache.lock(*names[:2]):
        cache.drop(*names[:2], "old")
    assert cache.get(*names) is None
