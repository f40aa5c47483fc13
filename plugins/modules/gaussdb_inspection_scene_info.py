#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_inspection_scene_info
short_description: List inspection scenes
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the built-in and user-defined inspection scenes with their checks.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.info
options:
  name:
    description:
      - List only the scene with this name.
    type: str
  scene_id:
    description:
      - List only the scene with this ID.
    type: str
seealso:
  - module: gaussdb.tpops.gaussdb_inspection_scene
"""

EXAMPLES = r"""
- name: Gather the checks of the health check
  gaussdb.tpops.gaussdb_inspection_scene_info:
    name: Health Check
  register: health

- name: Show the checks
  ansible.builtin.debug:
    var: health.scenes[0].checks
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
scenes:
  description: The scenes.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the scene.
      type: str
    name:
      description: Name of the scene.
      type: str
    is_default:
      description: Whether it is a built-in scene, which cannot be changed.
      type: bool
    check_ids:
      description: IDs of the checks.
      type: list
      elements: str
    checks:
      description: Names of the checks.
      type: list
      elements: str
  sample:
    - id: 6b1f1c52-9e48-4b60-8f21-5a6b7c8d9e01
      name: before-upgrade
      is_default: false
      checks:
        - CPU usage
      check_ids:
        - 8c2f6b1d-3a54-4e97-b0c8-1d2e3f4a5b6c
"""
# RETURN:end

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import inspection as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import inspection as common
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import filter_equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def select(ctx: Context, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        common.with_checks(ctx, scene)
        for scene in filter_equal(found, name=ctx.params["name"], id=ctx.params["scene_id"])
    ]


SPEC = Info(
    plural="scenes",
    fields=(Field("name"), Field("scene_id")),
    find=Find(read=lambda ctx: api.list_inspection_scenes(), select=select),
    returns=common.SCENE,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
