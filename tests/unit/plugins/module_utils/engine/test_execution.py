# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Steps that depend on what an earlier one has brought about."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call, Operation
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.execution import Execution
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.replies import Reply

MAKE = Operation("make", "POST", "/v3/things", "4.0")
RUN = Operation("run", "POST", "/v3/things/{thing_id}/run", "4.0")


def test_a_call_that_needs_an_id_from_an_earlier_step_is_made_when_it_is_sent() -> None:
    sent: list[str] = []

    def send(call: Call, wait_when_busy: bool = True) -> Reply:
        sent.append(call.path)
        return Reply(200, None, {}, b"")

    def late() -> Call:
        assert sent == ["/v3/things"]
        return RUN.call({"thing_id": "7"})

    ctx: Any = SimpleNamespace(client=SimpleNamespace(send=send), waiter=SimpleNamespace(begun=False), replies=[])
    steps = [Step(MAKE.call(), "Make it"), Step(RUN.call({"thing_id": None}), "Run it", deferred_call=late)]
    assert steps[1].describe()["path"] == "/v3/things/{thing_id}/run"
    execution = Execution(ctx)
    execution.run(steps)
    assert sent == ["/v3/things", "/v3/things/7/run"]
    assert [step.describe()["path"] for step in execution.sent] == sent


@pytest.mark.parametrize(
    ("earlier", "later", "waits"),
    [("a", "a", True), ("a", "b", False), ("", "a", True), ("a", "", True), ("", "", True)],
)
def test_a_step_waits_for_the_jobs_of_its_own_objects(earlier: str, later: str, waits: bool) -> None:
    """Where a step names no object it may be about any."""
    happened: list[str] = []

    def send(call: Call, wait_when_busy: bool = True) -> Reply:
        happened.append(call.operation.name)
        return Reply(200, {"job_id": "j1"} if call.operation.job else None, {}, b"")

    def wait_job(job_id: str, label: str) -> dict[str, Any]:
        happened.append(job_id)
        return {}

    waiter = SimpleNamespace(begun=False, wait_job=wait_job, policy=SimpleNamespace(wait=True))
    ctx: Any = SimpleNamespace(
        client=SimpleNamespace(send=send), waiter=waiter, replies=[], parent=Parent(), module="m"
    )
    first, second = ([Item({}, label)] if label else [] for label in (earlier, later))
    execution = Execution(ctx)
    execution.run([Step(replace(MAKE, job=True).call(), "Make it", first), Step(MAKE.call(), "Change it", second)])
    assert happened == (["make", "j1", "make"] if waits else ["make", "make"])


def test_a_write_that_is_answered_with_no_has_failed() -> None:
    client = SimpleNamespace(send=lambda call, wait_when_busy: Reply(200, False, {}, b"false", "trace-9"))
    ctx: Any = SimpleNamespace(client=client, waiter=SimpleNamespace(begun=False), replies=[])
    execution = Execution(ctx)
    with pytest.raises(ApiFailure, match="make failed: the platform answers that it was not done") as caught:
        execution.run([Step(MAKE.call(), "Make it")])
    assert (caught.value.trace_id, execution.changed) == ("trace-9", False)


@pytest.mark.parametrize(
    ("scope", "labels", "text"),
    [
        ("orders", "ab", "m orders"),
        ("", "ab", "m a and others"),
        ("", "a", "m a"),
        ("", "", "m"),
        ("orders", "", "m orders"),
    ],
)
def test_progress_of_a_job_says_what_it_is_about(scope: str, labels: str, text: str) -> None:
    said: list[str] = []

    def wait_job(job_id: str, label: str) -> dict[str, Any]:
        said.append(label)
        return {}

    client = SimpleNamespace(send=lambda call, wait_when_busy: Reply(200, {"job_id": "j1"}, {}, b""))
    waiter = SimpleNamespace(begun=False, wait_job=wait_job, policy=SimpleNamespace(wait=True))
    ctx: Any = SimpleNamespace(client=client, waiter=waiter, replies=[], parent=Parent(label=scope), module="m")
    execution = Execution(ctx)
    execution.run([Step(replace(MAKE, job=True).call(), "Make them", [Item({}, label) for label in labels])])
    execution.finish()
    assert said == [text]
