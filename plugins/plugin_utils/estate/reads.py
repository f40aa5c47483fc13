# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The reads of one plan: each is sent once, however many tasks need it, over a few connections with one login."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.data_center import LIST_DATA_CENTERS
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import LIST_INSTANCES
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.key_pair import LIST_KEY_PAIRS
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client, Connection, Reply
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.outcomes import Lost, Response
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.token_cache import CachedToken, TokenCache

from .limit import Limit

# Seconds to wait for a busy instance: people wait for what these reads are for, and it says what could not be read.
PATIENCE = 10
# Replies of a platform that has no time.
OVERLOADED = (429, 503)
# Lists of which tasks ask for one object: all of them are read at once, and the object is picked here. By operation,
# the attribute that each argument of the query is about.
_WHOLE = {
    LIST_INSTANCES.name: {"id": "id", "name": "name"},
    LIST_DATA_CENTERS.name: {"name": "name"},
    LIST_KEY_PAIRS.name: {"name": "name"},
}


class SharedToken(TokenCache):
    """The token of all connections: one of them logs in, also where no file can keep the token."""

    def __init__(self, in_files: bool) -> None:
        super().__init__(in_files=in_files)
        self._shared: CachedToken | None = None
        self._mutex = threading.RLock()

    def get(self, endpoint: str, user: str, password: str) -> CachedToken | None:
        return self._shared or super().get(endpoint, user, password)

    def put(self, endpoint: str, user: str, password: str, token: CachedToken) -> bool:
        self._shared = token
        return super().put(endpoint, user, password, token)

    def drop(self, endpoint: str, user: str, token: str) -> None:
        if self._shared is not None and self._shared.token == token:
            self._shared = None
        super().drop(endpoint, user, token)

    @contextmanager
    def lock(self, endpoint: str, user: str) -> Iterator[None]:
        with self._mutex, super().lock(endpoint, user):
            yield


class LimitedClient(Client):
    """A client whose requests wait for their turn."""

    def __init__(self, connection: Connection, limit: Limit, cache: TokenCache) -> None:
        super().__init__(connection, cache=cache)
        self._limit = limit

    def _send_once(self, call: Call, token: str | None) -> Reply | Response | Lost:
        with self._limit.turn() as turn:
            outcome = super()._send_once(call, token)
            turn.refused = isinstance(outcome, Lost) or (isinstance(outcome, Response) and outcome.status in OVERLOADED)
        return outcome


class SharedReads:
    """Sends the reads of one plan. For use by several threads, each of which has a connection while it waits for one.

    ``make_client`` makes the client of a connection, and ``limit`` is the one that all of them have.
    """

    def __init__(self, make_client: Callable[[], Client], limit: Limit | None = None) -> None:
        self._make_client = make_client
        self._limit = limit
        self._idle: list[Client] = []
        self._clients: list[Client] = []
        self._found: dict[Hashable, Future[Any]] = {}
        self._indexes: dict[Hashable, dict[str, list[dict[str, Any]]]] = {}
        self._mutex = threading.Lock()
        # The number of reads that were sent, by operation; the pages of a list count as one.
        self.counts: Counter[str] = Counter()
        self._warnings: list[str] = []

    @property
    def requests_sent(self) -> int:
        return sum(client.requests_sent for client in self._clients)

    @property
    def warnings(self) -> list[str]:
        own = [text for client in self._clients for text in client.warnings]
        return list(dict.fromkeys([*self._warnings, *own]))

    def login(self) -> None:
        """Get the token of all connections."""
        with self._client() as client:
            client.token()

    def items(self, call: Call) -> list[dict[str, Any]]:
        """Like :meth:`Client.items`. Some lists are read as a whole, whichever of their objects a call is about."""
        attributes = _WHOLE.get(call.operation.name, {})
        if len(call.query) != 1 or not set(call.query) <= set(attributes):
            return [*map(dict, self._shared("items", call))]
        ((option, value),) = call.query.items()
        index = self._index(replace(call, query={}), attributes[option])
        return [*map(dict, index.get(str(value), ()))]

    def item(self, call: Call) -> dict[str, Any]:
        """Like :meth:`Client.item`."""
        return dict(self._shared("item", call))

    def send(self, call: Call) -> Reply:
        """Like :meth:`Client.send`."""
        reply: Reply = self._shared("send", call)
        return reply

    @property
    def informed(self) -> Client:
        """A client that has seen the platform's clock, if there is one, for questions that need no request."""
        return next((client for client in self._clients if client.knows_time), self._clients[0])

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def divide(self, processes: int) -> None:
        """Take one of so many equal parts of the connections: from now on each of these processes has its own reads."""
        if self._limit:
            self._limit.divide(processes)

    def take_over(self, counts: Mapping[str, int], warnings: Sequence[str]) -> None:
        """Add what a process has counted and warned of."""
        self.counts.update(counts)
        self._warnings.extend(warnings)

    def _shared(self, kind: str, call: Call) -> Any:
        if not call.operation.read:
            raise TpopsError(f"A plan sends no write, but {call.operation.name} is one")
        asked = json.dumps([call.query, call.body], sort_keys=True, default=str)
        key = (kind, call.operation.name, call.path, asked)
        with self._mutex:
            future = self._found.get(key)
            mine = future is None
            if future is None:
                future = self._found[key] = Future()
        if mine:
            self._read(kind, call, future)
        return future.result()

    def _read(self, kind: str, call: Call, future: Future[Any]) -> None:
        try:
            with self._client() as client:
                with self._mutex:
                    self.counts[call.operation.name] += 1
                future.set_result(_READERS[kind](client, call))
        except BaseException as error:  # All who wait for it have to know.
            future.set_exception(error)

    def _index(self, call: Call, attribute: str) -> Mapping[str, list[dict[str, Any]]]:
        """Return the objects of a list by an attribute. The list is searched once for each task."""
        key = (call.operation.name, attribute)
        if key not in self._indexes:
            index: dict[str, list[dict[str, Any]]] = {}
            for entry in self._shared("items", call):
                index.setdefault(str(entry.get(attribute)), []).append(entry)
            self._indexes[key] = index
        return self._indexes[key]

    @contextmanager
    def _client(self) -> Iterator[Client]:
        with self._mutex:
            client = self._idle.pop() if self._idle else None
            if client is None:
                client = self._make_client()
                self._clients.append(client)
        try:
            yield client
        finally:
            with self._mutex:
                self._idle.append(client)


_READERS: dict[str, Callable[[Client, Call], Any]] = {
    "items": lambda client, call: client.items(call),
    "item": lambda client, call: client.item(call),
    "send": lambda client, call: client.send(call),
}


def open_reads(connection: Mapping[str, Any], connections: int) -> SharedReads:
    """Return the reads of a platform over several connections, from its connection options."""
    known = Connection(**{**connection, "busy_timeout": min(PATIENCE, connection["busy_timeout"])})
    limit, token = Limit(connections), SharedToken(known.token_cache)
    return SharedReads(lambda: LimitedClient(known, limit, token), limit)


class TaskClient:
    """What a task of the plan has for a client. Its answers may be those that another task has got."""

    def __init__(self, reads: SharedReads, connection: Connection, **_options: Any) -> None:
        self.connection = connection
        self.clock, self.sleep = time.monotonic, time.sleep
        self.warnings: list[str] = []
        self._reads = reads

    def items(self, call: Call) -> list[dict[str, Any]]:
        return self._reads.items(call)

    def item(self, call: Call) -> dict[str, Any]:
        return self._reads.item(call)

    def send(self, call: Call, wait_when_busy: bool = True) -> Reply:
        return self._reads.send(call)

    def censor(self, data: Any) -> Any:
        return self._reads.informed.censor(data)

    def now_ms(self) -> int:
        return self._reads.informed.now_ms()

    @property
    def knows_time(self) -> bool:
        return self._reads.informed.knows_time

    def close(self) -> None:
        """The connections belong to the plan."""
