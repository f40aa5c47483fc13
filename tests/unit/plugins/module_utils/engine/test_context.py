# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What hooks get to work with, and how a task finds the instance it is about."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Operation
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import (
    ApiFailure,
    InputError,
    InvalidReply,
    NotFound,
)
from ansible_collections.gaussdb.tpops.tests.unit.plugins.module_utils.platform import (
    LIST,
    FakeReply,
    Platform,
    context,
)

OF_A_HOUSE = Operation("list_rooms", "GET", "/houses/{house}/rooms", "0.9", read=True, items=("rooms",))


def test_a_name_stands_for_one_object() -> None:
    ctx = context(Platform(a={}, b={}, c={"name": "b"}))
    assert ctx.find("widget", "widget", "a", LIST.call())["id"] == "id-a"
    assert ctx.find("widget", "widget", "id-c", LIST.call(), "id")["name"] == "b"
    with pytest.raises(InputError, match="widget: 2 objects are named b: id-b, id-c"):
        ctx.find("widget", "widget", "b", LIST.call())
    with pytest.raises(NotFound, match="widget: there is no widget named z"):
        ctx.find("widget", "widget", "z", LIST.call())
    assert ctx.warnings == []


def test_progress_says_what_it_is_about() -> None:
    ctx = context(Platform())
    assert ctx.label == "gaussdb_widget"
    ctx.parent = Parent(label="orders")
    assert ctx.label == "gaussdb_widget orders"


def test_a_check_assumes_what_an_earlier_task_makes_and_says_so_once() -> None:
    ctx = context(Platform(), check_mode=True)
    for _time in (1, 2):
        assert ctx.find("widget", "widget", "z", LIST.call()) is None
    assert ctx.warnings == ["There is no widget named z yet; the plan assumes that an earlier task creates it"]


def test_what_belongs_to_an_object_that_is_yet_to_be_made_is_not_asked_for() -> None:
    platform = Platform(a={})
    ctx = context(platform)
    assert ctx.items(OF_A_HOUSE.call(path={"house": None})) == []
    assert ctx.item(OF_A_HOUSE.call(path={"house": None})) is None
    assert platform.calls == []
    assert ctx.item(LIST.call())["name"] == "a"
    assert len(ctx.items([LIST.call(), LIST.call()])) == 2


def test_a_refusal_can_mean_that_there_is_nothing_of_the_kind() -> None:
    def refuse(_platform: Platform) -> None:
        raise ApiFailure("no such type", code="X.1", status=400)

    platform = Platform(a={})
    ctx = context(platform)
    optional = replace(LIST.call(), none_if=("X.1",))
    assert len(ctx.items([LIST.call(), optional])) == 2
    platform.on_list = refuse
    assert ctx.items(optional) == []
    for call in (LIST.call(), replace(optional, none_if=("X.2",))):
        with pytest.raises(ApiFailure, match="no such type"):
            ctx.items(call)


def test_a_read_is_made_once_for_all_objects_of_a_task() -> None:
    ctx = context(Platform(a={}))
    assert [ctx.cached("all", lambda: ctx.items(LIST.call())) for _time in (1, 2)][1][0]["name"] == "a"
    assert ctx.client.reads == 1


def test_one_of_some_objects_is_found_by_any_of_several_attributes() -> None:
    rows = [{"id": "1", "name": "a"}, {"id": "2", "name": "1"}]
    ctx = context(Platform())
    assert ctx.match_one("widget", "widget", "a", rows, "id", "name") == rows[0]
    with pytest.raises(InputError, match="2 objects are named 1: 1, 2"):
        ctx.match_one("widget", "widget", "1", rows, "id", "name")


def test_a_job_of_an_earlier_run_is_waited_for_unless_the_task_is_not_to_wait() -> None:
    for check_mode, wait, polls in ((False, True, 1), (True, True, 0), (False, False, 0)):
        platform = Platform()
        platform.jobs["job-1"] = "AddWidgets"
        ctx = context(platform, check_mode, wait)
        ctx.attach("job-1")
        assert len(platform.calls) == polls
        assert ctx.may_wait == bool(polls)


def test_a_download_is_a_file_of_bytes() -> None:
    platform = Platform()
    platform.send = lambda call: SimpleNamespace(content=b"PK\x03")  # type: ignore[method-assign]
    assert context(platform).content(LIST.call()) == b"PK\x03"


def test_a_download_is_text() -> None:
    platform = Platform()
    ctx = context(platform)
    platform.send = lambda call: FakeReply("ssh-rsa AAAA")  # type: ignore[method-assign]
    assert ctx.text(LIST.call()) == "ssh-rsa AAAA"
    platform.send = lambda call: FakeReply({"no": "text"})  # type: ignore[method-assign]
    with pytest.raises(InvalidReply, match="list_widgets failed"):
        ctx.text(LIST.call())


def test_an_instance_is_named_by_its_id_without_a_request_or_by_its_name_with_one() -> None:
    platform = Platform(orders={})
    assert INSTANCE.resolve(context(platform, instance="orders", instance_id="1in14")) == Parent("1in14", "orders")
    assert INSTANCE.resolve(context(platform, instance=None, instance_id="1in14")) == Parent("1in14", "1in14")
    assert platform.calls == []
    assert INSTANCE.resolve(context(platform, instance="orders", instance_id=None)) == Parent("id-orders", "orders")
    assert platform.calls[0].query == {"name": "orders"}
    assert INSTANCE.resolve(context(platform, check_mode=True, instance="new", instance_id=None)) == Parent(None, "new")
