# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From desired and current objects to a list of steps. Nothing here sends a write."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from ..http.errors import InputError, NotFound, TpopsError
from .arguments import check_values
from .context import Context
from .item import Item, Plan, Step
from .options import Field, Role
from .spec import Action, Resource, Write

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

Spec: TypeAlias = "Resource | Action"


def build_items(spec: Spec, ctx: Context) -> list[Item]:
    """Return the objects of a task as they should be, each validated. Raises :class:`InputError` before any call."""
    if isinstance(spec, Action):
        items = spec.items(ctx) if spec.items else [Item(spec.reached(ctx) if spec.reached else {}, _named(spec, ctx))]
    else:
        items = _build_desired(spec, ctx)
    if spec.hooks.validate:
        for item in items:
            spec.hooks.validate(ctx, item)
    return items


def _build_desired(resource: Resource, ctx: Context) -> list[Item]:
    params, find, desired_by = ctx.params, resource.find, resource.hooks.desired
    if desired_by:
        objects = desired_by(ctx)
    elif resource.batch:
        objects = params[resource.plural]
    else:
        objects = [{each.name: params[each.name] for each in resource.fields if each.is_option}]
    present = params.get("state", "present") not in resource.absent_states
    items = []
    for index, given in enumerate(objects):
        prefix = f"{resource.plural}[{index}]." if resource.batch and desired_by is None else ""
        desired = {name: value for name, value in given.items() if value is not None}
        label = _named(resource, ctx) if resource.single else _label(resource, desired)
        item = Item(desired, label, prefix, present, member=f"{resource.members}[{index}]" if resource.members else "")
        if not resource.single and not any(desired.get(key) not in (None, "") for key in find.identified_by):
            names = [prefix + key for key in find.identified_by]
            one_of = "one of them is " if len(names) > 1 else ""
            raise InputError(names, f"{one_of}required, to name the {_noun(resource)}")
        if desired_by:
            check_values(resource.fields, desired, prefix, label)
        items.append(item)
    for duplicate in duplicates(resource, items):
        raise duplicate
    return items


def _named(spec: Spec, ctx: Context) -> str:
    """Return the name of what the objects belong to, as the task has it."""
    names = spec.parent.fields if spec.parent else ()
    return str(next((ctx.params[each.name] for each in names if ctx.params.get(each.name)), ""))


def refine_items(spec: Spec, ctx: Context, items: Sequence[Item]) -> None:
    """Take over what the hook ``refine`` finds out about the objects as they were read last."""
    if spec.hooks.refine is None:
        return
    for item in items:
        refined = spec.hooks.refine(ctx, item)
        if refined is not None:
            item.desired, item.current, item.present = refined.desired, refined.current, refined.present


def _label(resource: Resource, desired: Mapping[str, Any]) -> str:
    """People know objects by their names: prefer the name over an ID."""
    names = ["name", *reversed(list(resource.find.identified_by))]
    return str(next((desired[key] for key in names if desired.get(key) not in (None, "")), ""))


def _noun(resource: Spec) -> str:
    return resource.name.replace("_", " ")


def duplicates(resource: Resource, items: Sequence[Item]) -> Iterator[InputError]:
    """Yield an error for each object that has the name or the ID of one before it."""
    for key in resource.find.identified_by:
        seen: dict[str, Item] = {}
        for item in items:
            value = item.desired.get(key)
            if value is None:
                continue
            if str(value) in seen:
                path = item.path_of(key)
                yield InputError(path, f"{value} is listed twice, also as {seen[str(value)].path_of(key)}")
            seen.setdefault(str(value), item)


def match(resource: Spec, items: Sequence[Item], current: Sequence[dict[str, Any]]) -> None:
    """Give each item the current object it names. Two objects of one name are an error that lists their IDs."""
    if isinstance(resource, Action) or resource.single:
        for item in items:
            item.current = current[0] if current else None if resource.writes.create else {}
        return
    fields = {each.name: each for each in resource.fields}
    keys = [_naming(resource, item) for item in items]
    indexes = {
        key: _index(current, (fields[key].attribute, *fields[key].also_matches), wanted)
        for key in set(keys)
        if (wanted := {str(item.desired[key]) for item, own in zip(items, keys) if own == key})
    }
    for item, key in zip(items, keys):
        found = indexes[key].get(str(item.desired[key]), [])
        if len(found) > 1:
            identities = ", ".join(str(entry.get("id")) for entry in found)
            raise InputError(
                item.path_of(key),
                f"{len(found)} {resource.plural} are named {item.desired[key]}: {identities}. Name one by its ID",
            )
        item.current = found[0] if found else None
        if (
            item.current is None
            and item.present
            and key != resource.find.identified_by[-1]
            and fields[key].attribute == "id"
        ):
            raise NotFound(f"There is no {_noun(resource)} with {key} {item.desired[key]}")


def _naming(resource: Resource, item: Item) -> str:
    """Return the option by which an item names its object."""
    return next(key for key in resource.find.identified_by if item.desired.get(key) not in (None, ""))


def _index(
    current: Sequence[dict[str, Any]], attributes: Sequence[str], wanted: Collection[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return the objects with one of the wanted values, by value: a list may be much longer than what is wanted."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in current:
        for value in (
            {str(entry.get(attribute)) for attribute in attributes}
            if attributes[1:]
            else (str(entry.get(attributes[0])),)
        ):
            if value in wanted:
                found.setdefault(value, []).append(entry)
    return found


def compare_items(resource: Spec, items: Sequence[Item], params: Mapping[str, Any]) -> None:
    """Find what differs. A change to a create-only option is an error that names the option, before any write."""
    for item in items:
        item.changes = {}
        if item.current is None or not item.present:
            continue
        changes = {}
        for each in resource.compared(item):
            if each.name not in item.desired or each.role is Role.CONTROL:
                continue
            desired = item.desired[each.name]
            if each.send_always_if and params.get(each.send_always_if) == "always":
                changes[each.name] = desired
            elif each.role is not Role.WRITE_ONLY and not each.equal(desired, item.current.get(each.attribute)):
                if each.role is Role.CREATE_ONLY:
                    has = item.current.get(each.attribute)
                    who, hint = "the platform", None
                    if each.changed_by:
                        who, hint = "this module", f"Use gaussdb.tpops.{each.changed_by} for that."
                    raise InputError(
                        item.path + each.name,
                        f"{_noun(resource)} {item.label} has {has!r}, and {who} cannot change it to {desired!r}",
                        hint=hint,
                    )
                changes[each.name] = desired
        item.changes = changes


def plan_steps(spec: Spec, ctx: Context, items: Sequence[Item]) -> list[Step]:
    """Return the steps from the current to the desired objects: removals, creations, changes, then what depends on
    them."""
    steps = [] if isinstance(spec, Action) else _plan_writes(spec, ctx, items)
    more = spec.extra_steps(ctx, items)
    if isinstance(more, Plan):
        ctx.facts = {**ctx.facts, **more.facts}
        more = more.steps
    return [*steps, *more]


def _plan_writes(resource: Resource, ctx: Context, items: Sequence[Item]) -> list[Step]:
    writes = resource.writes
    failed = [item for item in items if is_failed(resource, item) and item.present]
    if failed and not writes.replace_failed:
        raise TpopsError(describe_failure(resource, failed[0]) + ". Remove it first (state=absent)")
    removed = [
        item
        for item in items
        if item.current is not None and (not item.present or item in failed) and not _is(item, resource, ("deleting",))
    ]
    created = [item for item in items if item.present and (item.current is None or item in failed)]
    if created and writes.create is None:
        names = ", ".join(item.label for item in created)
        where = f" in {ctx.parent.label}" if ctx.parent.label else ""
        raise NotFound(f"There is no {_noun(resource)} named {names}{where}, and the platform cannot create one")
    for item in items:
        _check_new(resource, item, item in created)
    for item in created:
        _require(resource, item)
    steps: list[Step] = []
    for write in writes.deletes:
        steps.extend(
            _steps(ctx, write, [item for item in removed if write.applies_to is None or write.applies_to(ctx, item)])
        )
    if writes.create is not None:
        steps.extend(_steps(ctx, writes.create, created))
    covered = {name for update in writes.updates for name in update.fields}
    for update in writes.updates:
        steps.extend(
            _steps(ctx, update, [item for item in items if _needs(resource, update, item, item in created, covered)])
        )
    return steps


def _needs(resource: Resource, update: Write, item: Item, created: bool, covered: set[str]) -> bool:
    """A new object needs an update for the values that its creation does not set, an existing one for what differs."""
    if not item.present:
        return False
    differs = any(name in update.fields if update.fields else name not in covered for name in item.changes)
    if not created and (differs or not item.was_absent):
        return differs
    create = resource.writes.create
    at_creation = create.fields if create else ()
    return any(
        each.name in update.fields
        and each.name not in at_creation
        and each.name in item.desired
        and not each.equal(item.desired[each.name], each.platform_default)
        for each in resource.fields
    )


def _require(resource: Resource, item: Item) -> None:
    # An object that the task removed, to create it again, had these values.
    known = {**((item.before or {}) if item.current is None else {}), **item.desired}
    missing = [each.name for each in resource.fields if each.required_to_create and known.get(each.name) in (None, "")]
    if missing:
        names = [item.path + name for name in missing]
        raise InputError(names, f"required to create {_noun(resource)} {item.label}")


def _check_new(resource: Resource, item: Item, created: bool) -> None:
    """Check the values that are going to be sent by the rules for new ones."""
    for each in resource.fields:
        if each.validate_new and (created or each.name in item.changes) and each.name in item.desired:
            problem = each.validate_new(item.desired[each.name])
            if problem:
                raise InputError(item.path + each.name, problem, about=item.label if item.path else "")


def _steps(ctx: Context, write: Write, items: Sequence[Item]) -> Iterable[Step]:
    def make(chunk: Sequence[Item]) -> Step:
        return Step(write.build(ctx, chunk), write.summary(chunk), chunk, write.policy, for_items=make)

    size = write.size or max(len(items), 1)
    for start in range(0, len(items), size):
        yield make(items[start : start + size])


def _is(item: Item, resource: Spec, values: Sequence[str]) -> bool:
    if resource.status is None or item.current is None:
        return False
    status = str(item.current.get(resource.status.attribute) or "")
    return status.casefold() in {value.casefold() for value in values}


def is_pending(resource: Spec, item: Item) -> bool:
    """Whether the platform is still busy with the object, so that the task attaches to it."""
    status = resource.status
    if status is None or item.current is None:
        return False
    if status.settled and item.current.get(status.attribute) is not None:
        return not _is(item, resource, (*status.settled, *status.failed))
    return _is(item, resource, status.pending)


def is_failed(resource: Spec, item: Item) -> bool:
    return resource.status is not None and _is(item, resource, resource.status.failed)


def describe_failure(resource: Spec, item: Item) -> str:
    status = resource.status
    current = item.current or {}
    detail = status.detail(current) if status and status.detail else ""
    return (
        f"{_noun(resource).capitalize()} {item.label} is in status {current.get(status.attribute) if status else '?'}"
        + (f": {detail}" if detail else "")
    )


def build_diff_side(resource: Spec, item: Item, planned: bool, new: bool) -> dict[str, Any]:
    """Return the managed part of an object, for a diff: before (``planned`` false) or after the steps."""
    current = {} if new else item.current or {}
    present = item.present if planned else item.current is not None
    if not present:
        return {}
    values: dict[str, Any] = {}
    for each in resource.compared(item):
        if each.role is Role.CONTROL or (each.name not in item.desired and item.present):
            continue
        if each.role is Role.WRITE_ONLY:
            if planned and each.name in item.desired and (new or each.name in item.changes):
                values[each.name] = _masked(each, item.desired[each.name])
        elif planned and (new or each.name in item.changes):
            values[each.name] = _masked(each, item.desired[each.name])
        elif current.get(each.attribute) is not None:
            values[each.name] = _managed_part(each, item.desired.get(each.name), current[each.attribute])
    return values


def _managed_part(each: Field, desired: Any, value: Any) -> Any:
    """Of an object with parts of its own, only those that the task gives are managed."""
    if not each.fields or not isinstance(value, Mapping):
        return value
    parts = desired if isinstance(desired, Mapping) else {part.name: True for part in each.fields}
    return {name: value[name] for name in value if value[name] is not None and parts.get(name) is not None}


def _masked(each: Field, value: Any) -> Any:
    if each.no_log:
        return HIDDEN
    if each.fields and isinstance(value, list):
        return [_masked(each, entry) for entry in value]
    if each.fields and isinstance(value, Mapping):
        return {sub.name: _masked(sub, value[sub.name]) for sub in each.fields if value.get(sub.name) is not None}
    return value
