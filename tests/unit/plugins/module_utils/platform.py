# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A toy platform of widgets behind the client's interface, and a spec for them, for tests of the engine."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call, Operation
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr, Shape
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context, Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Policy
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Find,
    ParentOptions,
    Resource,
    Status,
    Write,
    Writes,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.waiting import Waiter, WaitPolicy
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure, Busy, NotFound
from ansible_collections.gaussdb.tpops.tests.unit.support import FakeClock

WIDGET = Shape(
    (Attr("id"), Attr("name"), Attr("size", kind="int"), Attr("colour"), Attr("status"), Attr("locked", kind="bool"))
)
LIST = Operation("list_widgets", "GET", "/widgets", "0.1", read=True, items=("widgets",), shape=WIDGET)
ADD = Operation("add_widgets", "POST", "/widgets", "0.2", job=True)
CHANGE = Operation("change_widget", "PUT", "/widgets", "0.3")
LOCK = Operation("lock_widget", "PUT", "/widgets/lock", "0.4")
PASSWORD = Operation("set_password", "PUT", "/widgets/password", "0.5")
REMOVE = Operation("remove_widgets", "DELETE", "/widgets", "0.6", job=True)
PING = Operation("ping_widgets", "POST", "/widgets/ping", "0.7", job=True)


def variant(spec: Any, **changes: Any) -> Any:
    """Return a spec or a write with other values; those of its groups are given by their own names."""
    own = {each.name for each in fields(spec)}
    direct = {name: value for name, value in changes.items() if name in own}
    for group in {"find", "writes", "rules", "hooks", "policy"} & own - direct.keys():
        value = getattr(spec, group)
        inner = {each.name for each in fields(value)} & (changes.keys() - own) if value else set()
        direct[group] = replace(value, **{name: changes[name] for name in inner}) if inner else value
    return replace(spec, **direct)


@dataclass
class FakeReply:
    data: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    trace_id: str | None = None


class Platform:
    """Keeps widgets and records every call. ``before`` may raise instead of a write, ``after`` instead of its reply."""

    def __init__(self, **widgets: dict[str, Any]) -> None:
        self.widgets = {
            name: {
                "id": f"id-{name}",
                "name": name,
                "size": 1,
                "colour": "",
                "status": "ready",
                "locked": False,
                **values,
            }
            for name, values in widgets.items()
        }
        self.calls: list[Call] = []
        self.before: Callable[[Call], None] | None = None
        self.after: Callable[[Call], None] | None = None
        self.jobs: dict[str, str] = {}
        # How jobs end, and how individual jobs end by their IDs: job-1, job-2, …
        self.job_ends = "Completed"
        self.ends: dict[str, str] = {}
        self.new_status = "ready"
        # How often it is too busy for a write; a caller may wait for that.
        self.busy = 0
        # What happens at each read of the list, for objects that need time.
        self.on_list: Callable[[Platform], None] | None = None
        # A platform whose replies do not name the jobs that they start.
        self.forget_job_ids = False
        self.closed = False
        self.warnings: list[str] = []
        self.clock = FakeClock()
        self.sleep = self.clock.sleep
        self._numbers = itertools.count(1)

    @property
    def writes(self) -> list[str]:
        return [call.operation.name for call in self.calls if not call.operation.read]

    @property
    def reads(self) -> int:
        return sum(call.operation is LIST for call in self.calls)

    def items(self, call: Call) -> list[dict[str, Any]]:
        self.calls.append(call)
        if self.on_list:
            self.on_list(self)
        return [WIDGET.read(widget) for widget in self.widgets.values()]

    def item(self, call: Call) -> dict[str, Any]:
        self.calls.append(call)
        if call.operation.name == "get_job":
            job_id = str(call.query["id"])
            if job_id not in self.jobs:
                raise NotFound(f"no job {job_id}")
            status = self.ends.get(job_id, self.job_ends)
            return {
                "id": job_id,
                "name": self.jobs[job_id],
                "status": status,
                "progress": 100,
                "fail_reason": "disk full",
            }
        if not self.widgets:
            raise NotFound("no widget")
        return WIDGET.read(next(iter(self.widgets.values())))

    def send(self, call: Call, wait_when_busy: bool = True) -> FakeReply:
        self.calls.append(call)
        if self.before:
            self.before(call)
        while self.busy:
            self.busy -= 1
            if not wait_when_busy:
                raise Busy("the platform is busy")
            self.sleep(1)
        data = getattr(self, "_" + call.operation.name)(call.body)
        if self.after:
            self.after(call)
        return FakeReply(data)

    def censor(self, data: Any) -> Any:
        return data

    def close(self) -> None:
        self.closed = True

    def _job(self, name: str) -> dict[str, str]:
        job_id = f"job-{next(self._numbers)}"
        self.jobs[job_id] = name
        return {} if self.forget_job_ids else {"job_id": job_id}

    def _add_widgets(self, body: Any) -> Any:
        for entry in body["widgets"]:
            if entry["name"] in self.widgets:
                raise ApiFailure("it is there", code="X.1", status=400)
            self.widgets[entry["name"]] = {
                "id": f"id-{entry['name']}",
                "size": 1,
                "colour": "",
                "status": self.new_status,
                "locked": False,
                **{key: value for key, value in entry.items() if key != "password"},
            }
        return self._job("AddWidgets")

    def _change_widget(self, body: Any) -> None:
        self.widgets[body["name"]].update(body)

    def _lock_widget(self, body: Any) -> None:
        self.widgets[body["name"]]["locked"] = body["locked"]

    def _set_password(self, body: Any) -> None:
        return None

    def _remove_widgets(self, body: Any) -> Any:
        for name in body["names"]:
            del self.widgets[name]
        return self._job("RemoveWidgets")

    def _ping_widgets(self, body: Any) -> Any:
        return self._job("PingWidgets")


FIELDS = (
    Field("name", validate=checks.pattern("[a-z0-9-]+", "small letters")),
    Field("widget_id", reads="id"),
    Field("size", type="int", required_to_create=True),
    Field("colour", role=Role.CREATE_ONLY),
    Field("password", no_log=True, role=Role.WRITE_ONLY, send_always_if="update_password"),
    Field("locked", type="bool", platform_default=False),
)
SPEC = Resource(
    name="widget",
    plural="widgets",
    batch=True,
    status=Status(
        "status", pending=("making", "deleting"), failed=("broken",), detail=lambda current: f"size {current['size']}"
    ),
    starts_jobs=True,
    fields=FIELDS,
    options=(Field("update_password", choices=("always", "on_create"), default="on_create"),),
    find=Find(identified_by=("widget_id", "name"), read=lambda ctx: LIST.call()),
    writes=Writes(
        create=Write.batch(
            lambda ctx, items: ADD.call(
                body={
                    "widgets": [
                        {key: i.desired.get(key) for key in ("name", "size", "colour", "password")} for i in items
                    ]
                }
            ),
            "Add {names}",
            fields=("name", "size", "colour", "password"),
            size=2,
        ),
        updates=(
            Write.each(
                lambda ctx, item: CHANGE.call(body={**item.changes, "name": item.current["name"]}), "Change {names}"
            ),
            Write.each(
                lambda ctx, item: PASSWORD.call(body={"name": item.label, "password": item.desired["password"]}),
                "Set the password of {names}",
                fields=("password",),
                policy=Policy(done_codes=("X.2",)),
            ),
            Write.each(
                lambda ctx, item: LOCK.call(body={"name": item.label, "locked": item.desired["locked"]}),
                "Lock {names}",
                fields=("locked",),
            ),
        ),
        delete=Write.batch(
            lambda ctx, items: REMOVE.call(body={"names": [i.current["name"] for i in items]}), "Remove {names}", size=2
        ),
    ),
)
ONE = variant(SPEC, batch=False)
POLICY = Resource(
    name="policy",
    plural="policies",
    single=True,
    parent=ParentOptions((Field("house"),), (), lambda ctx: Parent(ctx.params["house"], ctx.params["house"])),
    states=(),
    fields=(Field("size", type="int"), Field("colour")),
    find=Find(
        read=lambda ctx: Operation("get_policy", "GET", "/houses/{house}", "0.8", read=True, shape=WIDGET).call(
            path={"house": ctx.parent.id}
        )
    ),
    writes=Writes(
        updates=(
            Write.each(
                lambda ctx, item: CHANGE.call(body={"name": "only", **item.changes}), "Set the policy of {names}"
            ),
        )
    ),
)


def parameters(**given: Any) -> dict[str, Any]:
    """Return module parameters for the widget specs, as Ansible would: omitted ones are ``None``."""
    base = {each.name: None for each in FIELDS}
    return {
        **base,
        "state": "present",
        "update_password": "on_create",
        "wait": True,
        "wait_timeout": 60,
        "wait_interval": 10,
        **given,
    }


def context(platform: Platform, check_mode: bool = False, wait: bool = True, **given: Any) -> Context:
    waiter = Waiter(platform, WaitPolicy(wait, 60, 10), clock=platform.clock, sleep=platform.sleep)
    return Context("gaussdb_widget", parameters(**given), platform, waiter, check_mode)
