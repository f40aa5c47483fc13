# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Arguments that nobody can use, for every option of every module: made of the specs and the documented examples."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.arguments import drop_unset
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Resource, build_interface, options_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ConnectionFailed, InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_spec
from ansible_collections.gaussdb.tpops.tests.unit.support import FakeClock

CONNECTION = {"endpoint": "tpops.example.com", "username": "admin", "password": "Sentinel-1"}
# Paths inside the arguments: names of options, and positions in lists.
Place = tuple[Any, ...]


class Wire:
    """A client that notes its calls and reaches nobody."""

    knows_time = True

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.warnings: list[str] = []
        self.clock = FakeClock()
        self.sleep = self.clock.sleep

    def now_ms(self) -> int:
        return 1_767_600_000_000

    def items(self, call: Any, **_options: Any) -> Any:
        self.calls.append(call.operation.name)
        raise ConnectionFailed("nobody is there")

    item = send = items

    def token_info(self) -> Any:
        raise ConnectionFailed("nobody is there")

    def censor(self, data: Any) -> Any:
        return data

    def close(self) -> None:
        pass


def module_of(name: str) -> Any:
    return import_module(f"ansible_collections.gaussdb.tpops.plugins.modules.{name}")


MODULES = sorted(
    path.stem
    for path in Path(__file__).parents[4].glob("plugins/modules/gaussdb_*.py")
    if hasattr(module_of(path.stem), "SPEC")
)


@cache
def examples_of(name: str) -> list[dict[str, Any]]:
    """Return the arguments of a module's examples, without those that are templates."""
    tasks = yaml.safe_load(module_of(name).EXAMPLES)
    found = [task[key] or {} for task in tasks for key in task if key.rpartition(".")[2] == name]
    assert found
    return [{**CONNECTION, **without_templates(arguments)} for arguments in found]


def without_templates(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_templates(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [without_templates(entry) for entry in value]
    return "Template-1" if isinstance(value, str) and "{{" in value else value


def run(name: str, arguments: dict[str, Any], ruled: bool = True) -> tuple[list[str], dict[str, Any]]:
    """Run a module on arguments as Ansible gives them to it; return the operations it called and its result.

    With ``ruled`` false nothing is said about options that go together or do not.
    """
    spec = module_of(name).SPEC
    described = build_interface(spec)
    problems: list[InputError] = []
    arguments = drop_unset(options_of(spec), arguments, problems)
    validation = ArgumentSpecValidator(described.argument_spec, **(described.rules if ruled else {})).validate(
        arguments
    )
    if validation.error_messages:
        return [], {"failed": True, "msg": validation.error_messages[0]}
    if problems:
        return [], {"failed": True, "msg": str(problems[0])}
    wire = Wire()
    result = run_spec(
        spec, name, validation.validated_parameters, check_mode=False, open_client=lambda *_args, **_kwargs: wire
    )
    assert "Internal error" not in str(result.get("msg")), (result, arguments)
    return wire.calls, result


def places(name: str, wanted: Callable[[Field], bool]) -> Iterator[tuple[dict[str, Any], Place]]:
    """Yield the places of all options of a kind, each once, with the arguments of the first example that it fits in."""
    seen = set()
    for arguments in examples_of(name):
        for place in _places(options_of(module_of(name).SPEC), arguments, wanted, ()):
            if place not in seen:
                seen.add(place)
                yield copy.deepcopy(arguments), place


def _places(fields: Any, values: dict[str, Any], wanted: Callable[[Field], bool], before: Place) -> Iterator[Place]:
    for each in fields:
        if not each.is_option:
            continue
        if wanted(each):
            yield (*before, each.name, 0) if each.type == "list" else (*before, each.name)
        value = values.get(each.name)
        if each.fields and isinstance(value, list):
            for index, entry in enumerate(value):
                yield from _places(each.fields, entry, wanted, (*before, each.name, index))
        elif each.fields and each.type == "dict":
            yield from _places(each.fields, value or {}, wanted, (*before, each.name))


def put(arguments: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """Return the arguments with a value at a place; lists and dictionaries on the way are made."""
    inside: Any = arguments
    for here, beyond in itertools.pairwise(place):
        empty: Any = [] if isinstance(beyond, int) else {}
        if isinstance(inside, list):
            inside += [] if inside else [empty]
        elif not isinstance(inside.get(here), type(empty)):
            inside[here] = empty
        inside = inside[here]
    if isinstance(inside, list):
        inside[place[-1] : place[-1] + 1] = [value]
    else:
        inside[place[-1]] = value
    return arguments


def remove(arguments: dict[str, Any], place: Place) -> dict[str, Any]:
    inside: Any = put(arguments, place, None)
    for part in place[:-1]:
        inside = inside[part]
    del inside[place[-1]]
    return arguments


def spelled(place: Place) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)[1:]


def is_text(each: Field) -> bool:
    return each.type in ("str", "path", "raw") and not each.choices


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("empty", ["", "  ", None])
def test_an_empty_name_or_id_is_an_option_that_is_not_given(name: str, empty: str | None) -> None:
    for arguments, place in places(name, lambda each: each.identifies and each.type != "list"):
        expected = run(name, remove(copy.deepcopy(arguments), place))
        assert run(name, put(copy.deepcopy(arguments), place, empty)) == expected, spelled(place)


@pytest.mark.parametrize("name", MODULES)
def test_null_is_an_option_that_is_not_given(name: str) -> None:
    for arguments, place in places(name, lambda each: True):
        if isinstance(place[-1], int):
            place = place[:-1]
        expected = run(name, remove(copy.deepcopy(arguments), place))
        assert run(name, put(copy.deepcopy(arguments), place, None)) == expected, spelled(place)


@pytest.mark.parametrize("name", MODULES)
def test_a_member_of_a_list_without_a_value_is_an_error_that_names_it(name: str) -> None:
    for arguments, place in places(name, lambda each: each.type == "list"):
        for empty in (None, "") if field_at(name, place).identifies else (None,):
            calls, result = run(name, put(copy.deepcopy(arguments), (*place[:-1], 5), empty))
            assert calls == []
            assert result["failed"]


def field_at(name: str, place: Place) -> Field:
    fields, found = options_of(module_of(name).SPEC), None
    for part in place:
        if not isinstance(part, int):
            found = next(each for each in fields if each.name == part and each.is_option)
            fields = found.fields
    assert found
    return found


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("text", ["\ud800", "a\0b"])
def test_a_text_that_nobody_can_send_is_an_error_that_names_the_option(name: str, text: str) -> None:
    for arguments, place in places(name, lambda each: is_text(each) or (each.elements == "str" and not each.choices)):
        calls, result = run(name, put(copy.deepcopy(arguments), place, text), ruled=False)
        assert calls == [], spelled(place)
        assert spelled(place) in result["msg"]
        assert text not in result["msg"]


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("number", [-(2**70), -(10**10), -1, 0, 10**10, 2**70])
def test_a_number_out_of_range_is_an_error_before_any_call(name: str, number: int) -> None:
    for arguments, place in places(name, lambda each: "int" in (each.type, each.elements)):
        calls, result = run(name, put(copy.deepcopy(arguments), place, number))
        assert calls == [] or abs(number) < 2, (spelled(place), calls, result)


# Options that take anything and are shown, each with the reason why that is right.
SHOWN = {
    ("gaussdb_api", "query"): "the query is part of the address, which every proxy logs",
    ("gaussdb_api", "body"): "secret_body is for what must not be shown",
    ("gaussdb_host_sheet", "mode"): "the mode of a file",
    (
        "gaussdb_instance_extension",
        "value",
    ): "the platform shows it to everybody who may read the instance, and the documentation says so",
    ("gaussdb_key_pair", "mode"): "the mode of a file",
    ("gaussdb_parameter", "parameters"): "the platform shows all parameters to everybody who may read the instance",
    ("gaussdb_wdr_report", "mode"): "the mode of a file",
}


def test_an_option_that_takes_anything_is_secret_unless_there_is_a_reason() -> None:
    free = {
        (name, spelled(place))
        for name in MODULES
        for _arguments, place in places(
            name, lambda each: each.type in ("dict", "raw") and not each.fields and not each.no_log
        )
    }
    assert free == set(SHOWN)


# What narrows down which sessions are meant: an empty text would widen it to those of everybody.
NARROWING = [
    (name, option)
    for name in ("gaussdb_session", "gaussdb_session_info")
    for option in ("client_ip", "database", "user")
]

# Options with a text that names no object. A new option is either one of these or has to be an identifier.
TEXTS = """
admin_password argument_types backup_password ca_cert changed_since character_set checks client_cert client_key
created_after created_before description directory dn_dir dr_password duration end_time endpoint engine_version
etcd_dir extension_keys hint install_dir instance_status items_key key_password keywords last_run_after
last_run_before lc_collate lc_ctype log_dir max_age metric_password metrics mount_point new_admin_password
next_run_after next_run_before older_than os_root_password password path privileges repl_password restore_time
root_password since sql_model sql_template start_time time token type until upgrade_status value version
"""


def all_options(fields: Any) -> Iterator[Field]:
    for each in fields:
        if each.is_option:
            yield each
            yield from all_options(each.fields)


def test_every_other_text_is_decided() -> None:
    options = [(name, each) for name in MODULES for each in all_options(options_of(module_of(name).SPEC))]
    texts = {
        each.name
        for name, each in options
        if "str" in (each.type, each.elements)
        and not each.choices
        and each.identifier is None
        and not each.identifies
        and (name, each.name) not in NARROWING
    }
    assert texts == set(TEXTS.split())


@pytest.mark.parametrize(("name", "option"), NARROWING)
@pytest.mark.parametrize("blank", ["", " ", "\t"])
def test_a_choice_that_came_out_empty_is_refused(name: str, option: str, blank: str) -> None:
    chosen = {"idle": True} if name == "gaussdb_session" else {}
    calls, result = run(name, {**CONNECTION, "instance": "orders", **chosen, option: blank})
    assert calls == []
    assert result["msg"].startswith(f"{option}: ")


@pytest.mark.parametrize("name", MODULES)
def test_what_names_an_object_of_the_module_identifies(name: str) -> None:
    spec = module_of(name).SPEC
    scope = spec.parent.fields if spec.parent else ()
    keys = (
        [each for each in spec.fields if each.name in spec.find.identified_by]
        if isinstance(spec, Resource) and not spec.single
        else []
    )
    assert [each.name for each in (*scope, *keys) if not each.identifies] == []
