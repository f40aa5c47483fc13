# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is documented of a module follows from what its spec is."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr, Shape
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.returns import return_values
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Find, Info, Resource, Write
from ansible_collections.gaussdb.tpops.tests.unit.plugins.module_utils.platform import variant

THING = Shape((Attr("name", doc="Name."),))
WRITE = Write.each(lambda ctx, item: None, "Write {names}")


def resource(**more: Any) -> Resource:
    fields = {"name": "old_thing", "plural": "old_things", "fields": (Field("name"),), "returns": THING}
    return variant(Resource(**fields, find=Find(read=lambda ctx: None)), **more)


def action(**more: Any) -> Action:
    return Action(name="move", fields=(), steps=lambda ctx, items: [], **more)


def names(spec: Resource | Action | Info, starts_jobs: bool = False) -> list[str]:
    return [attr.name for attr in return_values(spec, starts_jobs)]


def outcomes(spec: Resource | Action) -> str:
    found = next(attr for attr in return_values(spec, starts_jobs=False) if attr.name == "outcomes")
    assert found.shape is not None
    return next(attr.doc for attr in found.shape.attrs if attr.name == "outcome")


@pytest.mark.parametrize(
    ("spec", "jobs", "expected"),
    [
        (resource(), False, ["old_thing", "plan"]),
        (resource(batch=True), False, ["old_things", "outcomes", "plan"]),
        (resource(), True, ["old_thing", "plan", "job", "jobs"]),
        (action(), False, ["plan"]),
        (action(items=lambda ctx: []), True, ["outcomes", "plan", "job", "jobs"]),
        (Info(plural="things", find=Find(read=lambda ctx: None), returns=THING), False, ["things"]),
    ],
)
def test_the_keys_follow_from_the_spec(spec: Resource | Action | Info, jobs: bool, expected: list[str]) -> None:
    assert names(spec, jobs) == expected


def test_the_objects_have_the_shape_that_the_spec_names() -> None:
    one, several = return_values(resource(), False)[0], return_values(resource(batch=True), False)[0]
    assert (one.kind, one.shape, several.kind, several.shape) == ("dict", THING, "list", THING)
    assert one.doc.startswith("The old thing as it is now")


def test_a_removed_object_is_not_returned() -> None:
    assert return_values(resource(), False)[0].returned == "success, unless O(state=absent)"
    assert return_values(resource(states=()), False)[0].returned == "success"
    assert return_values(resource(batch=True), False)[0].doc.endswith("Removed ones are left out.")


def test_only_the_outcomes_that_can_come_about_are_named() -> None:
    assert outcomes(resource(batch=True, create=WRITE)) == "V(created), V(unchanged) or V(failed)."
    everything = resource(batch=True, create=WRITE, updates=(WRITE,), delete=WRITE, replace_failed=True)
    assert outcomes(everything).startswith(
        "V(created), V(updated), V(removed), V(unchanged) or V(failed). V(created) also"
    )
    assert outcomes(action(items=lambda ctx: [])) == "V(changed), V(unchanged) or V(failed)."


def test_a_spec_adds_keys_and_says_more_about_those_that_there_are() -> None:
    more = (Attr("old_thing", doc="The thing."), Attr("count", kind="int", doc="How many."), Attr("plan", sample=[]))
    spec = resource(also_returns=more)
    assert names(spec) == ["old_thing", "count", "plan"]
    thing, _count, plan = return_values(spec, False)
    assert (thing.doc, thing.kind, thing.shape) == ("The thing.", "dict", THING)
    assert (plan.sample, plan.returned) == ([], "always")
