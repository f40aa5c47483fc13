# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a module returns, for its documentation: the keys that follow from what its spec is, and those that it declares.

No module needs this at run time: tools/generate.py writes the RETURN of each module from it.
"""

from __future__ import annotations

from dataclasses import fields, replace

from ..api.job import JOB
from ..api.shape import Attr, Shape
from .spec import Action, Info, Resource

PLAN = Attr(
    "plan",
    kind="list",
    shape=Shape(
        (
            Attr("operation", doc="Name of the operation."),
            Attr("method", doc="HTTP method."),
            Attr("path", doc="Path below C(/rds)."),
            Attr("summary", doc="What the request does, in one sentence."),
        )
    ),
    doc="The writes that were sent, in check mode those that would be.",
    returned="always",
)

_JOB = JOB.only("id", "name", "status", "progress")
_STARTED = "when a job was started"
JOBS = (
    Attr("job", kind="dict", shape=_JOB, doc="The last one of RV(jobs).", returned=_STARTED),
    Attr(
        "jobs",
        kind="list",
        shape=_JOB,
        doc="The jobs that the task started, in their order. Without waiting C(name) and C(progress) are empty.",
        returned=_STARTED,
    ),
)


def return_values(spec: Resource | Action | Info, starts_jobs: bool) -> list[Attr]:
    """Return everything that a module returns. ``starts_jobs`` says whether one of its operations starts a job.

    What the spec declares under the name of a key that follows from the spec itself says more about that key.
    """
    objects, common = _objects(spec), _common(spec, starts_jobs)
    implied = {attr.name for attr in (*objects, *common)}
    declared = {attr.name: attr for attr in spec.also_returns}
    own = [attr for attr in spec.also_returns if attr.name not in implied]
    return [
        *(_completed(attr, declared.get(attr.name)) for attr in objects),
        *own,
        *(_completed(attr, declared.get(attr.name)) for attr in common),
    ]


def _objects(spec: Resource | Action | Info) -> list[Attr]:
    """Return the key with the objects that the module is about."""
    if isinstance(spec, Action) and spec.find is None:
        return []
    nouns = spec.plural.replace("_", " ")
    if isinstance(spec, Info):
        return [Attr(spec.plural, kind="list", shape=spec.returns, doc=f"The {nouns}.", returned="success")]
    removes = isinstance(spec, Resource) and "absent" in spec.states
    if spec.batch:
        doc = f"The {nouns} of the task as they are now, in check mode as they would be, as far as that is known."
        left_out = " Removed ones are left out." if removes else ""
        return [Attr(spec.plural, kind="list", shape=spec.returns, doc=doc + left_out, returned="success")]
    doc = f"The {_noun(spec)} as it is now, in check mode as it would be, as far as that is known."
    returned = "success, unless O(state=absent)" if removes else "success"
    return [Attr(spec.name, kind="dict", shape=spec.returns, doc=doc, returned=returned)]


def _common(spec: Resource | Action | Info, starts_jobs: bool) -> list[Attr]:
    """Return the keys that say what became of the task."""
    if isinstance(spec, Info):
        return []
    return [*([_outcomes(spec)] if spec.batch else []), PLAN, *(JOBS if starts_jobs else ())]


def _outcomes(spec: Resource | Action) -> Attr:
    noun = "object" if isinstance(spec, Action) else _noun(spec)
    words = [f"V({word})" for word in _possible_outcomes(spec)]
    doc = f"{', '.join(words)} or V(failed)."
    if spec.writes.replace_failed:
        doc += " V(created) also stands for a failed one that was replaced."
    shape = Shape(
        (
            Attr("name", doc="Its name or ID, as the task has it."),
            Attr("outcome", doc=doc),
            Attr("msg", doc="Why it failed.", returned="when it failed"),
        )
    )
    doc = f"What became of each {noun} of the task."
    return Attr("outcomes", kind="list", shape=shape, doc=doc, returned="success, and when some failed")


def _possible_outcomes(spec: Resource | Action) -> list[str]:
    if isinstance(spec, Action):
        return ["changed", "unchanged"]
    writes = {"created": spec.writes.create, "updated": spec.writes.updates, "removed": spec.writes.deletes}
    return [*(word for word, write in writes.items() if write), "unchanged"]


def _noun(spec: Resource | Action) -> str:
    return spec.name.replace("_", " ")


def _completed(attr: Attr, more: Attr | None) -> Attr:
    """Return a key with what the spec says about it, and for the rest as it is."""
    if more is None:
        return attr
    return replace(
        attr, **{name: value for each in fields(Attr) if (value := getattr(more, name := each.name)) != each.default}
    )
