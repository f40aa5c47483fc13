# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The validation of ``dr_relations``: the description of disaster recovery between platforms."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field

from .fields import check_options
from .problems import Problem, did_you_mean
from .selection import known_instances

# The role's own documentation of a relation: roles are where its options are used.
ARGUMENT_SPECS = Path(__file__).parents[3] / "roles" / "dr" / "meta" / "argument_specs.yml"
OPTION = "dr_relation_config"


@cache
def relation_options() -> dict[str, Any]:
    """Return the options of a relation as the role documents them."""
    specs = yaml.safe_load(ARGUMENT_SPECS.read_text(encoding="utf-8"))["argument_specs"]
    options: dict[str, Any] = specs["main"]["options"][OPTION]["options"]
    return options


def relation_fields(options: Mapping[str, Any] | None = None) -> tuple[Field, ...]:
    """Return them as fields."""
    found = relation_options() if options is None else options
    return tuple(
        Field(
            name,
            type=option.get("type", "str"),
            elements=option.get("elements"),
            required=option.get("required", False),
            choices=option.get("choices", ()),
            no_log=option.get("no_log"),
            fields=relation_fields(option["options"]) if option.get("options") else (),
        )
        for name, option in found.items()
    )


def relations_here(relations: Iterable[Any], hosts: Collection[str], sliced: bool = False) -> list[Any]:
    """Return the relations that a run is about: all of them, or those with a site in its slice of the inventory."""
    return [each for each in relations if not sliced or _is_here(each, hosts)]


def halves(
    relations: Iterable[Any],
    subjects: Iterable[Mapping[str, Any]],
    hosts: Collection[str],
    known: Sequence[Mapping[str, Any]] | None = None,
) -> list[str]:
    """Return, for each relation of which a run has only one half, a text that names the other one.

    ``subjects`` are what a run works on, each with its ``members``: an instance by its site. ``hosts`` are those of the
    inventory. ``known`` are the variables of its hosts of instances, if a run is only about these.
    """
    instances = None if known is None else known_instances(known)
    own = {(str(site), str(name)) for subject in subjects for site, name in subject["members"].items()}
    found = []
    for relation in relations:
        members = [(str(each.get("site")), str(each.get("instance"))) for each in _members_of(relation)]
        away = [
            f"{name} of {site}"
            for site, name in members
            if site not in hosts or (instances is not None and (site, name) not in instances)
        ]
        if away and own & set(members):
            found.append(f"{relation.get('name')} ({', '.join(away)})")
    return found


def check_relations(
    relations: Sequence[Any],
    name: str,
    sites: Collection[str],
    instances_of: Callable[[str], Collection[str]],
    sliced: bool = False,
) -> Iterator[Problem]:
    """Yield the problems of relations.

    ``sites`` are the hosts of the inventory, ``instances_of`` returns the instances that the estate of a site
    describes, none where it describes no instance at all. Where the inventory is ``sliced``, a relation may have both
    of its sites in another slice.
    """
    names: dict[str, str] = {}
    for index, relation in enumerate(relations):
        path = f"{name}[{index}]"
        if not isinstance(relation, Mapping):
            yield Problem(path, "not a dictionary")
            continue
        problems: list[Problem] = []
        check_options(relation_fields(), relation, problems, f"{path}.")
        yield from problems
        first = names.setdefault(str(relation.get("name")), path)
        if first != path and relation.get("name") is not None:
            yield Problem(f"{path}.name", f"{relation['name']} is listed twice, also as {first}.name")
        if sliced and not _is_here(relation, sites):
            continue
        yield from _check_members(relation, path, sites, instances_of)


def _is_here(relation: Any, hosts: Collection[str]) -> bool:
    """Return whether a site of a relation is a host of the inventory. What has no members is, too: it is a mistake."""
    members = _members_of(relation)
    return not members or any(str(member.get("site")) in hosts for member in members)


def _members_of(relation: Any) -> list[Mapping[str, Any]]:
    """Return the members of a relation, none if it is not one."""
    members = relation.get("members") if isinstance(relation, Mapping) else None
    return [each for each in members if isinstance(each, Mapping)] if isinstance(members, list) else []


def _check_members(
    relation: Mapping[str, Any], path: str, sites: Collection[str], instances_of: Callable[[str], Collection[str]]
) -> Iterator[Problem]:
    members = relation.get("members")
    if not isinstance(members, list) or not all(isinstance(member, Mapping) for member in members):
        return
    own = [str(member["site"]) for member in members if member.get("site")]
    if len(members) != 2 or (len(own) == 2 and own[0] == own[1]):
        yield Problem(f"{path}.members", "must be two instances, each at a site of its own")
    primary = relation.get("primary_site")
    if primary is not None and own and str(primary) not in own:
        text = f"{primary} is not the site of a member{did_you_mean(str(primary), own)}"
        yield Problem(f"{path}.primary_site", text)
    for index, member in enumerate(members):
        site, instance = member.get("site"), member.get("instance")
        place = f"{path}.members[{index}]"
        if site and str(site) not in sites:
            text = f"{site} is not a host of the inventory{did_you_mean(str(site), sites)}"
            yield Problem(f"{place}.site", text)
        elif site and instance:
            described = instances_of(str(site))
            if described and str(instance) not in described:
                text = f"{instance} is not described in the estate of {site}{did_you_mean(str(instance), described)}"
                yield Problem(f"{place}.instance", text)
