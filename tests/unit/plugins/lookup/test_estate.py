# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lookup of a description, and the filter that splits it for the roles."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError, AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.gaussdb.tpops.plugins.filter.by_role import FilterModule
from ansible_collections.gaussdb.tpops.plugins.lookup.estate import LookupModule


def look(instance: str | None = None, **variables: Any) -> Any:
    loader = DataLoader()
    hosts = SimpleNamespace(raw_get={"site-a": variables}.get)
    lookup = LookupModule(loader=loader, templar=Templar(loader=loader, variables={"hall": "of another host"}))
    (found,) = lookup.run(["site-a"], {"hostvars": hosts}, instance=instance)
    return found


def test_a_variable_is_filled_in_with_those_of_its_host() -> None:
    estate = {"data_centers": [{"name": trust_as_template("{{ hall }}")}]}
    assert look(gaussdb_estate=estate, hall="north") == {"data_centers": [{"name": "north"}]}


def test_a_tree_is_filled_in_with_the_variables_of_its_host(tmp_path: Path) -> None:
    (tmp_path / "instances").mkdir()
    (tmp_path / "site.yml").write_text("data_centers: [{name: '{{ hall }}'}]\n")
    (tmp_path / "instances" / "orders.yml").write_text("name: orders\n")
    found = look(gaussdb_estate_dir=trust_as_template("{{ base }}"), base=str(tmp_path), hall="north")
    assert found == {"data_centers": [{"name": "north"}], "instances": [{"name": "orders"}]}


def unknown(name: str) -> Any:
    return trust_as_template(f"{{{{ {name} }}}}")


@pytest.mark.parametrize(
    "orders", [{"name": "orders", "port": 8000}, {"name": trust_as_template("{{ prefix }}ers"), "port": 8000}]
)
@pytest.mark.parametrize("whole", [False, True], ids=["as written", "as one template"])
def test_only_the_instance_that_is_asked_for_is_filled_in(orders: Any, whole: bool) -> None:
    estate: Any = {
        "hosts": [{"name": unknown("no_host")}],
        "instance_defaults": {"solution": trust_as_template("{{ hall }}")},
        "instances": [{"name": "billing", "root_password": unknown("no_secret")}, None, orders],
    }
    if whole:
        del estate["hosts"], estate["instances"][0]
    variables = (
        {"gaussdb_estate": trust_as_template("{{ all }}"), "all": estate} if whole else {"gaussdb_estate": estate}
    )
    found = look("orders", hall="north", prefix="ord", **variables)
    assert found == {"instance_defaults": {"solution": "north"}, "instances": [{"name": "orders", "port": 8000}]}


def test_of_a_tree_only_the_file_of_the_instance_is_read(tmp_path: Path) -> None:
    (tmp_path / "instances").mkdir()
    (tmp_path / "site.yml").write_text("hosts: [{name: '{{ no_host }}'}]\ninstance_defaults: {port: 8000}\n")
    (tmp_path / "instances" / "billing.yml").write_text("name: [never closed\n")
    (tmp_path / "instances" / "orders.yml").write_text("name: orders\nroot_password: '{{ hall }}'\n")
    found = look("orders", gaussdb_estate_dir=str(tmp_path), hall="north")
    assert found == {
        "instance_defaults": {"port": 8000},
        "instances": [{"name": "orders", "root_password": "north"}],
    }
    (tmp_path / "instances" / "billing.yml").write_text("name: billing\n")
    (tmp_path / "instances" / "orders.yml").rename(tmp_path / "instances" / "zone-1.yml")
    assert look("orders", gaussdb_estate_dir=str(tmp_path), hall="north") == found
    assert look("sales", gaussdb_estate_dir=str(tmp_path))["instances"] == []


def test_a_host_without_a_description_is_an_error() -> None:
    with pytest.raises(AnsibleLookupError, match="site-a has neither gaussdb_estate nor gaussdb_estate_dir"):
        look(hall="north")


def test_the_filter_splits_a_description_by_role() -> None:
    by_role = FilterModule().filters()["by_role"]
    assert by_role({"instances": [{"name": 22, "users": [{"name": "app"}]}]}, "22")["database"] == {
        "users": [{"name": "app"}]
    }
    with pytest.raises(AnsibleFilterError, match="no entry named billing"):
        by_role({}, "billing")
