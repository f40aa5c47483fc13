# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The texts of an export: names that are safe and unique, and YAML that says what it was made of."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
import yaml

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.export_check import Note
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.export_reading import Secret
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.export_text import (
    example_of_secrets,
    file_names,
    render,
    secret_names,
    secrets_of_text,
)

ODD_NAMES = [
    "a/b",
    "a-b",
    "..",
    ".hidden",
    "a.",
    "订单",
    "库存",
    "con",
    "Con.x",
    "x" * 300,
    "a b",
    "",
    "é",
    "e\u0301",
    "ẞ",
]


class Loader(yaml.SafeLoader):
    """Reads a text that is not a template like any other."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def load(text: str) -> Any:
    return yaml.load(text, Loader)


def instance(*notes: str, **values: Any) -> str:
    holder = {"name": "core", **values}
    return render("instances", holder, [Note("core", "users", text) for text in notes], secret_names([holder]))


@pytest.mark.parametrize("name", ["orders-prod", "ORDERS_1", "db.example.com", "a"])
def test_a_usual_name_is_the_name_of_the_file(name: str) -> None:
    assert file_names([name]) == {name: f"instances/{name}.yml"}


def test_odd_names_have_files_that_every_system_takes_and_keeps_apart() -> None:
    paths = file_names([*ODD_NAMES, *(f"{name}-2" for name in ODD_NAMES)])
    assert len({path.casefold() for path in paths.values()}) == len(paths)
    for path in paths.values():
        assert re.fullmatch(r"instances/[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\.yml", path) and ".." not in path
        assert path.rpartition("/")[2].partition(".")[0].casefold() not in ("con", "aux", "nul")


def test_names_that_differ_only_in_case_have_different_files_whatever_else_there_is() -> None:
    paths = file_names(["core", "Core", "CORE", "other"])
    assert paths["core"] == "instances/core.yml"
    assert len({path.casefold() for path in paths.values()}) == 4
    assert file_names(["CORE", "core"])["CORE"] == paths["CORE"]
    assert file_names(["Core"])["Core"] == "instances/Core.yml"


def test_the_name_of_an_odd_file_does_not_depend_on_the_others() -> None:
    assert file_names(ODD_NAMES)["a/b"] == file_names(["a/b"])["a/b"]


def places_of(*places: tuple[str, ...]) -> dict[tuple[str, ...], str]:
    return secret_names([{"users": [{"password": Secret(*place)} for place in places]}])


def test_a_secret_has_the_name_of_its_owner() -> None:
    place = ("orders-prod", "orders_app", "password")
    assert places_of(place) == {place: "vault_orders_prod_orders_app_password"}


def test_secrets_have_names_that_ansible_takes_and_that_are_unique() -> None:
    places = [(name, user, "password") for name in ("a-b", "a", *ODD_NAMES[:6]) for user in ("c", "b_c", "订单", "a b")]
    names = places_of(*places)
    assert len(set(names.values())) == len(set(places))
    assert all(re.fullmatch(r"vault_[A-Za-z0-9_]+", name) for name in names.values())
    assert names["a-b", "c", "password"] != "vault_a_b_c_password" != names["a", "b_c", "password"]


def test_a_secret_is_a_template_and_never_its_placeholder() -> None:
    text = instance(root_password=Secret("core", "root_password"))
    assert 'root_password: "{{ vault_core_root_password }}"\n' in text
    assert "Unseen" not in text and secrets_of_text(text) == ["vault_core_root_password"]


def test_the_example_lists_each_secret_once_without_a_value() -> None:
    assert load(example_of_secrets(["vault_b", "vault_a", "vault_b"])) == {"vault_a": None, "vault_b": None}


def test_a_file_has_options_and_parts_in_their_order_each_below_what_cannot_be_said() -> None:
    text = instance("the platform does not show x", users=[{"name": "app"}], port=8000, parameters={"a": 1})
    assert text == (
        "---\nname: core\nport: 8000\n\nparameters:\n  a: 1\n\n"
        "# users: the platform does not show x\nusers:\n  - name: app\n"
    )


def test_what_cannot_be_said_of_a_part_is_there_without_the_part() -> None:
    assert instance("users[a] is not described: no") == "---\nname: core\n\n# users[a] is not described: no\n"


def test_a_file_without_anything_says_so() -> None:
    text = render("", {}, [Note("", "alarm_policies", "no")], {})
    assert load(text) == {} and "# alarm_policies: no\n" in text


def test_a_comment_stays_one_whatever_it_holds() -> None:
    text = instance("a\nusers: [x]\r\x1b[0m " + "word " * 60)
    assert load(text) == {"name": "core"} and all(len(line) <= 120 for line in text.splitlines())


HARD = [
    *(
        "yes",
        "on",
        "null",
        "~",
        "1",
        "1.5",
        "0x1f",
        "1e3",
        "0777",
        "12:30:00",
        "2026-01-05",
        "=",
        "<<",
        "",
        " a ",
        "-",
        "#",
    ),
    *(
        "a: b",
        "a #b",
        "'",
        '"',
        "\\",
        "a\nb\n",
        "a\tb",
        "\u2028",
        "\u0085",
        "\ufeff",
        "\x00",
        "\x7f",
        "订单",
        "😀",
        "!x",
        "&a",
    ),
    *("{{ x }}", "{% x %}", "{# x #}", "a {{", "*a", "%a", "@a", "`a", "[a]", "{a}", "? a", "| a", "> a", "---", "..."),
    "x" * 500,
    "word " * 100,
]


@pytest.mark.parametrize("text", HARD, ids=ascii)
def test_every_text_is_read_as_it_was(text: str) -> None:
    written = instance(description=text, users=[{"name": text, "parts": [text]}])
    assert load(written) == {"name": "core", "description": text, "users": [{"name": text, "parts": [text]}]}
    assert written == instance(description=text, users=[{"name": text, "parts": [text]}])


def test_any_text_is_read_as_it_was() -> None:
    choice = random.Random(7)
    letters = "ab 01:-#{}%'\"\\\n\t,[]&*!|>?@`~订\u2028\u0085é"
    for _round in range(500):
        text = "".join(choice.choices(letters, k=choice.randrange(1, 12)))
        assert load(instance(description=text))["description"] == text, ascii(text)


def test_what_looks_like_a_template_is_marked_as_text() -> None:
    assert "description: !unsafe '{{ lookup(''pipe'', ''id'') }}'\n" in instance(
        description="{{ lookup('pipe', 'id') }}"
    )
