# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared code of the tools that write documentation: importing plugins, and writing readable YAML."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import yaml
from imports import PACKAGE

from common import COLLECTIONS, link_collection


def import_plugin(name: str) -> ModuleType:
    """Import a file of plugins/ by its name below there, such as ``modules.gaussdb_host``."""
    link_collection()
    if str(COLLECTIONS) not in sys.path:
        sys.path.insert(0, str(COLLECTIONS))
    return importlib.import_module(f"{PACKAGE}.{name}")


class IndentedDumper(yaml.SafeDumper):
    """YAML in the style of yamllint and ansible-lint: lists are indented below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)
