# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections of applications to a database.

They are invented on first use and removed once they are terminated. When a component is stopped, restarted or switched
over, its sessions end and the applications reconnect.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from .entities import Component, Instance
from .site import Site
from .times import milliseconds
from .topology import LOST, SESSIONS
from .workload import access_points, people, statements, user_databases

ACTIVE, IDLE, IN_TRANSACTION = "active", "idle", "idle in transaction"
# State, and how many seconds ago session, transaction and statement started, of the sessions of each access point.
_PATTERN = (
    (ACTIVE, 97, 90, 22),
    (ACTIVE, 640, 12, 12),
    (IDLE, 3600, None, 300),
    (IDLE, 86000, None, 45),
    (IN_TRANSACTION, 1800, 1500, 1400),
    (IDLE, 50, None, 50),
)
_SESSION_KEYS = {"instance", "component", "user", "database", "client_ip", "application", "state", "query"}


@dataclass
class DatabaseSession:
    """Times are epoch seconds."""

    session_id: str
    pid: str
    user: str
    database: str
    client_ip: str
    application: str
    state: str
    query: str
    sql_id: str
    begun: float
    transaction: float | None
    statement: float
    blocked_by: str = ""

    def as_reply(self, now: float) -> dict[str, object]:
        age = max(0.0, now - self.begun)
        # A session works about every three seconds.
        count = int(age) // 3
        return {
            "session_id": self.session_id,
            "pid": self.pid,
            "unique_sql_id": self.sql_id,
            "database_name": self.database,
            "client_ip": self.client_ip,
            "user_name": self.user,
            "wait": "t" if self.blocked_by else "f",
            "block_session": self.blocked_by,
            "wait_event": "acquire lock" if self.blocked_by else "none",
            "state": self.state,
            "query_runtime": _runtime(now - self.statement) if self.state == ACTIVE else "00:00:00.000000",
            "query": self.query,
            "back_end_start": milliseconds(self.begun),
            "transaction_start": milliseconds(self.transaction),
            "query_start": milliseconds(self.statement),
            "application_name": self.application,
            "exec_time": str(int(age)),
            "trans_num": str(count // 2),
            "rollback_num": str(count // 200),
            "sql_num": str(count),
        }


def sessions_at(site: Site, instance: Instance, component: Component) -> dict[str, DatabaseSession]:
    """The sessions of one component by ID. Standbys and the data nodes behind coordinators have none."""
    if not any(c is component for _unused, c in access_points(instance)):
        return {}
    if SESSIONS not in component.data:
        component.data[SESSIONS] = _imagine(site, instance, component)
    sessions: dict[str, DatabaseSession] = component.data[SESSIONS]
    return sessions


def sessions_in(site: Site, instance: Instance, database: str) -> list[DatabaseSession]:
    """The sessions in one database, of all components."""
    everywhere = (sessions_at(site, instance, component) for _unused, component in access_points(instance))
    return [session for sessions in everywhere for session in sessions.values() if session.database == database]


def add_session(site: Site, instance: Instance, component: Component, **fields: object) -> DatabaseSession:
    """A session that an estate file describes."""
    now = site.clock.now()
    given = {"state": IDLE, "query": "", "application": "gsql", "client_ip": "192.0.2.50", **fields}
    sessions = sessions_at(site, instance, component)
    made = DatabaseSession(
        session_id=str(site.ids.number(100_000, 999_999)),
        pid=str(site.ids.number(140_000_000_000_000, 140_999_999_999_999)),
        user=str(given.get("user") or people(instance)[0]),
        database=str(given.get("database") or user_databases(instance)[0]),
        client_ip=str(given["client_ip"]),
        application=str(given["application"]),
        state=str(given["state"]),
        query=str(given["query"]),
        sql_id="0",
        begun=now,
        transaction=None if given["state"] == IDLE else now,
        statement=now,
    )
    sessions[made.session_id] = made
    return made


def _imagine(site: Site, instance: Instance, component: Component) -> dict[str, DatabaseSession]:
    now = site.clock.now()
    # A client that lost its connection opens a new one, which starts now.
    again = component.data.get(LOST, False)
    dice = random.Random(f"{site.seed}:{instance.id}:{component.id}:{now if again else ''}:sessions")
    run = statements(site, instance)
    users, databases = people(instance), user_databases(instance)
    made: dict[str, DatabaseSession] = {}
    for number, (state, age, transaction, statement) in enumerate(_PATTERN):
        what = run[number % len(run)]
        if again:
            age, transaction, statement = 0, None if transaction is None else 0, 0
        session = DatabaseSession(
            session_id=str(dice.randint(100, 99_999) * 10 + number),
            pid=str(dice.randint(140_000_000_000_000, 140_999_999_999_999)),
            user=users[number % len(users)],
            database=databases[number % len(databases)],
            client_ip=what.client_ip,
            application=what.application,
            state=state,
            query=what.template,
            sql_id=what.sql_id,
            begun=now - age,
            transaction=None if transaction is None else now - transaction,
            statement=now - statement,
        )
        made[session.session_id] = session
    first, second, *_rest = made.values()
    second.blocked_by = first.session_id
    return made


def _runtime(seconds: float) -> str:
    whole, micro = divmod(int(max(0.0, seconds) * 1_000_000), 1_000_000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{micro:06d}"


def load_database_sessions(site: Site, data: list[dict[str, Any]]) -> None:
    """`database_sessions: [{instance: orders, user: app, database: shop, state: idle in transaction}]`.

    Without `component` the session is at the first place where applications connect.
    """
    for entry in data:
        if unknown := set(entry) - _SESSION_KEYS:
            raise ValueError(f"a session has no {', '.join(sorted(unknown))}")
        fields = dict(entry)
        instance = _named(site, fields.pop("instance"))
        wanted = fields.pop("component", None)
        component = next((c for _unused, c in access_points(instance) if wanted in (None, c.id)), None)
        if component is None:
            raise ValueError(f"instance {instance.name} has no such component")
        add_session(site, instance, component, **fields)


def _named(site: Site, name: str) -> Instance:
    instance = next((i for i in site.instances.values() if name in (i.name, i.id)), None)
    if instance is None:
        raise ValueError(f"instance {name} does not exist")
    return instance
