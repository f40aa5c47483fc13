# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make new-module` writes is a module that works: its spec, its operations and its documentation."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import yaml
from catalogue import ROOT

from ansible_collections.gaussdb.tpops.plugins.module_utils import api
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import build_interface

sys.path.insert(0, str(ROOT / "tools"))
import new_module


@pytest.fixture(params=["gaussdb_gadget", "gaussdb_gadget_info"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Load what is written for a module, and return its names."""
    texts = {path.name: text for path, text in new_module.Scaffold(request.param).files().items()}
    operations = ModuleType(f"{api.__name__}.gadget")
    operations.__package__ = api.__name__
    monkeypatch.setitem(sys.modules, operations.__name__, operations)
    monkeypatch.setattr(api, "gadget", operations, raising=False)
    exec(compile(texts["gadget.py"], "gadget.py", "exec"), vars(operations))
    names: dict[str, Any] = {"__name__": request.param}
    exec(compile(texts[f"{request.param}.py"], request.param, "exec"), names)
    return names


def test_what_is_written_for_a_new_module_works(written: dict[str, Any]) -> None:
    spec, ctx = written["SPEC"], SimpleNamespace(parent=Parent("in14", "orders"), params={"name": None})
    documented = yaml.safe_load(written["DOCUMENTATION"])["options"]
    described = build_interface(spec).argument_spec
    assert set(documented) <= set(described)
    assert spec.find.read(ctx).path == "/gaussdb/v3/instances/in14/gadgets"
    for write in (spec.writes.create, *spec.writes.updates, spec.writes.delete) if hasattr(spec, "writes") else ():
        item = Item({"name": "one"}, "one", current={"id": "g1"}, changes={"description": "new"})
        assert write.build(ctx, [item]).path.startswith("/gaussdb/v3/instances/in14/gadgets")
        assert write.summary([item]).endswith(" gadget one")
