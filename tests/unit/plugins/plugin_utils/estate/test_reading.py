# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A description is read with the place of each value, and without a look at any secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from ansible.parsing.dataloader import DataLoader

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.files import load_file, load_plain_file, load_tree
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import Secrets
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reading import (
    UNSEEN,
    Description,
    Reader,
    is_encrypted,
    is_template,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.validation import validate

VAULTED = """!vault |
  $ANSIBLE_VAULT;1.1;AES256
  31366330393265653130323634383836613935306630376638353534623735666433303836313934
"""


def load(path: str) -> Any:
    return load_file(DataLoader(), path)


def read(tmp_path: Path, text: str, fill_in: Any = None) -> Description:
    """Return what the variable gaussdb_estate of a file describes."""
    (tmp_path / "vars.yml").write_text(text, encoding="utf-8")
    variables = load(str(tmp_path / "vars.yml"))
    return Reader(variables, fill_in or never, DataLoader(), Secrets(part="")).read_variable("gaussdb_estate")


def never(template: Any) -> Any:
    raise AssertionError(f"{template} was filled in")


def tree(tmp_path: Path, **files: str) -> Description:
    (tmp_path / "instances").mkdir()
    for name, text in files.items():
        (tmp_path / f"{name.replace('__', '/')}.yml").write_text(text, encoding="utf-8")
    return Reader({}, never, DataLoader(), Secrets(part="")).read_tree(str(tmp_path))


def shown(description: Description, name: str = "gaussdb_estate") -> list[str]:
    return [str(problem) for problem in validate(description, name)]


def test_secrets_are_neither_filled_in_nor_decrypted(tmp_path: Path) -> None:
    text = f"""
gaussdb_estate:
  instances:
    - name: orders
      root_password: "{{{{ vault_root }}}}"
      users:
        - name: app
          password: {VAULTED.replace(chr(10), chr(10) + " " * 12)}
"""
    found = read(tmp_path, text)
    instance = found.data["instances"][0]
    assert (instance["root_password"], instance["users"][0]["password"]) == (UNSEEN, UNSEEN)
    assert shown(found) == []


def test_an_encrypted_value_is_not_looked_at_wherever_it_is(tmp_path: Path) -> None:
    indented = VAULTED.replace("\n", "\n            ")
    text = f"gaussdb_estate:\n  hosts:\n    - name: db-1\n      manage_ip: {indented}\n      data_ip: nowhere\n"
    assert [line.split(" (")[0] for line in shown(read(tmp_path, text))] == [
        "hosts[0].data_ip: 'nowhere' is not an IP address"
    ]


def test_a_plain_secret_is_checked_and_not_shown(tmp_path: Path) -> None:
    found = shown(read(tmp_path, "gaussdb_estate: {instances: [{name: orders, root_password: sesame}]}"))
    assert len(found) == 1 and found[0].startswith("instances[orders].root_password: too weak")
    assert "sesame" not in found[0]


def test_a_problem_has_the_line_of_its_value_and_of_an_unknown_name(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    text = """
gaussdb_estate:
  instances:
    - name: orders
      port: eight
      users:
        - name: app
          pasword: x
"""
    assert shown(read(tmp_path, text)) == [
        "instances[orders].port: not a whole number (vars.yml:5)",
        "instances[orders].users[0].pasword: unknown, did you mean password? (vars.yml:8)",
    ]


def test_a_variable_that_is_only_named_is_read_as_it_is_written(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    text = """
gaussdb_estate:
  instances: "{{ production }}"
production:
  - name: orders
    root_password: "{{ vault_root }}"
    port: 99999
"""
    assert shown(read(tmp_path, text)) == [
        "instances[orders].port: 99999 is out of range; allowed are 1 to 65535 (vars.yml:7)"
    ]


def test_a_template_is_filled_in_by_itself(tmp_path: Path) -> None:
    def fill_in(template: Any) -> Any:
        if "nowhere" in template:
            raise AnsibleUndefinedVariable("'nowhere' is undefined")
        return 8000

    text = """
gaussdb_estate:
  instances:
    - {name: orders, port: "{{ base + 0 }}"}
    - {name: billing, port: "{{ nowhere + 0 }}"}
"""
    found = read(tmp_path, text, fill_in)
    assert found.data["instances"][0]["port"] == 8000
    assert [line.split(" (")[0] for line in shown(found)] == ["instances[billing].port: 'nowhere' is undefined"]


def test_a_value_that_cannot_be_decrypted_is_not_an_error(tmp_path: Path) -> None:
    def fill_in(template: Any) -> Any:
        raise AnsibleError("Attempting to decrypt but no vault secrets found")

    assert (
        shown(read(tmp_path, 'gaussdb_estate: {instances: [{name: orders, float_ip: "{{ x | y }}"}]}', fill_in)) == []
    )


@pytest.mark.parametrize("text", ["{}", "gaussdb_estate:", "gaussdb_estate: {}", "gaussdb_estate: {hosts: []}"])
def test_an_estate_that_is_missing_or_empty_is_an_error(tmp_path: Path, text: str) -> None:
    (problem,) = shown(read(tmp_path, text))
    assert problem.startswith("gaussdb_estate: is missing, or describes nothing")


def test_nothing_can_be_described_on_purpose(tmp_path: Path) -> None:
    assert validate(read(tmp_path, "gaussdb_estate: {}"), "gaussdb_estate", allow_empty=True) == []
    assert validate(read(tmp_path, "gaussdb_estate:"), "gaussdb_estate", allow_empty=True)


def test_an_estate_that_is_not_a_dictionary_is_an_error(tmp_path: Path) -> None:
    assert shown(read(tmp_path, "gaussdb_estate: [orders]"))[0].startswith("gaussdb_estate: not a dictionary")


def test_a_tree_is_one_description(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    found = tree(
        tmp_path,
        site="data_centers: [{name: north}]\ninstance_defaults: {port: 8000}\n",
        instances__orders="name: orders\nport: eight\n",
        instances__billing="name: billing\n",
    )
    assert [entry["name"] for entry in found.data["instances"]] == ["billing", "orders"]
    assert shown(found) == ["instances[orders].port: not a whole number (instances/orders.yml:2)"]
    assert load_tree(str(tmp_path), load)["instances"] == found.data["instances"]


@pytest.mark.parametrize(
    "text",
    [
        "name: orders\nport: 8000\nroot_password: '{{ vault }}'\nusers: [{name: app, locked: yes}]\n",
        "name: orders\nport: !unsafe '{{ 1 }}'\n",
        "name: orders\nroot_password: " + VAULTED,
        "name: orders\nname: billing\n",
        "base: &base {port: 1}\nname: orders\n<<: *base\nport: 2\n",
        "name: 2026-01-01\nport: 0x10\nusers: ~\n",
        "{",
    ],
)
def test_a_file_without_places_says_what_it_says_with_them(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yml"
    path.write_text(text)
    found = []
    for read in (load_file, load_plain_file):
        try:
            values = read(DataLoader(), str(path)).items()
            known = {key: "encrypted" if is_encrypted(each) else each for key, each in values}
            found.append(
                (known, [key for key, each in values if isinstance(each, str) and "{" in each and is_template(each)])
            )
        except AnsibleError as error:
            found.append((type(error), str(error)))
    assert found[0] == found[1]


def test_a_name_in_two_files_is_an_error_that_names_both(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    found = tree(tmp_path, instances__a="name: orders\n", instances__b="name: orders\n")
    assert shown(found) == [
        "instances[1].name: orders is described in two files, also in instances/a.yml:1 (instances/b.yml:1)"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "instances[0]: the file is empty (instances/a.yml:1)"),
        ("- name: orders\n", "instances[0]: not a dictionary (instances/a.yml:1)"),
        ("name: [\n", "instances[0]: instances/a.yml cannot be read: "),
    ],
)
def test_a_file_of_a_tree_that_says_nothing_is_an_error(
    tmp_path: Path, monkeypatch: Any, text: str, problem: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tree(tmp_path, site="hosts: []\n", instances__a=text))[0].startswith(problem)


def test_a_folder_without_a_tree_is_an_error(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tree(tmp_path), "gaussdb_estate_dir") == [
        "gaussdb_estate_dir: . has neither site.yml nor instances/*.yml"
    ]
