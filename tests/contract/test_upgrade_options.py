# SPDX-License-Identifier: GPL-3.0-or-later
"""What an estate says of upgrades, and the variables of the role upgrade, are the same options."""

from __future__ import annotations

from typing import Any

import yaml
from catalogue import ROOT

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.upgrade_options import DOCS, OPTIONS, WAVE

ROLE = ROOT / "roles" / "upgrade"


def read(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


OF_ROLE = {
    name.removeprefix("upgrade_"): option
    for name, option in read("meta/argument_specs.yml")["argument_specs"]["main"]["options"].items()
    if name.startswith("upgrade_")
}
# What the role takes besides: all of them together, what the estate has in another place, and what a relation is.
BESIDES = {"config", "window", "members", "relation"}


def test_the_role_has_each_option_of_the_estate_and_no_other() -> None:
    assert set(OF_ROLE) - BESIDES == {option.name for option in OPTIONS}
    inside = {f"{option.name}.{each.name}" for option in OPTIONS for each in option.fields}
    assert set(DOCS) == {option.name for option in (*OPTIONS, WAVE)} | inside


def test_they_take_the_same_values() -> None:
    for option in OPTIONS:
        spec = OF_ROLE[option.name]
        assert (spec["type"], spec.get("choices", [])) == (option.type, list(option.choices)), option.name


def test_each_variable_defaults_to_the_estate() -> None:
    defaults = read("defaults/main.yml")
    for name in (*(option.name for option in OPTIONS), "window"):
        assert f"upgrade_config.{name} | default(" in defaults[f"upgrade_{name}"]
