#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_inspection_scene
short_description: Manage inspection scenes
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Creates, changes and removes inspection scenes. A scene is a named set of checks to create inspections from.
  - The platform also has built-in scenes, which cannot be changed or removed.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.attributes
options:
  name:
    description:
      - Name of the scene, 4 to 64 letters, digits, hyphens and underscores, starting with a letter.
      - Required if O(scene_id) is not set. Otherwise, this is the new name.
    type: str
  scene_id:
    description:
      - ID of the scene.
    type: str
  checks:
    description:
      - Names or IDs of the 1 to 100 checks of the scene. M(gaussdb.tpops.gaussdb_inspection_info) lists them.
      - Required to create a scene.
    type: list
    elements: str
  state:
    description:
      - Whether the scene should exist. Inspections that were created from it keep their checks.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: gaussdb.tpops.gaussdb_inspection_scene_info
  - module: gaussdb.tpops.gaussdb_inspection
"""

EXAMPLES = r"""
- name: Create a scene for the checks before an upgrade
  gaussdb.tpops.gaussdb_inspection_scene:
    name: before-upgrade
    checks: [CPU usage, Memory usage]
  register: result

- name: Rename the scene
  gaussdb.tpops.gaussdb_inspection_scene:
    scene_id: "{{ result.scene.id }}"
    name: before-change

- name: Remove the scene
  gaussdb.tpops.gaussdb_inspection_scene:
    name: before-change
    state: absent
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
scene:
  description: The scene as it is now, in check mode as it would be, as far as that is known.
  returned: success, unless O(state=absent)
  type: dict
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
    id: 6b1f1c52-9e48-4b60-8f21-5a6b7c8d9e01
    name: before-upgrade
    is_default: false
    checks:
      - CPU usage
    check_ids:
      - 8c2f6b1d-3a54-4e97-b0c8-1d2e3f4a5b6c
plan:
  description: The writes that were sent, in check mode those that would be.
  returned: always
  type: list
  elements: dict
  contains:
    operation:
      description: Name of the operation.
      type: str
    method:
      description: HTTP method.
      type: str
    path:
      description: Path below C(/rds).
      type: str
    summary:
      description: What the request does, in one sentence.
      type: str
"""
# RETURN:end


from ansible_collections.gaussdb.tpops.plugins.module_utils.api import inspection as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import inspection as common
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.checks import sized
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Find,
    Hooks,
    Resource,
    Rules,
    Write,
    Writes,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def refine(ctx: Context, item: Item) -> Item | None:
    """Convert the checks to the platform's names, and reject changes to built-in scenes."""
    desired, current = item.desired, item.current
    if current and current["is_default"]:
        raise InputError(
            "scene_id", f"scene {current['name']} is a built-in scene of the platform and cannot be changed"
        )
    if not item.present:
        return None
    given = "checks" in desired
    names = common.labels_of(common.check_directory(ctx), desired["checks"], "checks") if given else None
    return item.refined({"checks": names} if given else None, common.with_checks(ctx, current) if current else None)


def modify(ctx: Context, item: Item) -> Call:
    ids = common.check_directory(ctx).identities(item.value("checks"), "checks")
    return api.modify_inspection_scene(item.existing["name"], item.value("name"), ids)


SPEC = Resource(
    name="scene",
    plural="scenes",
    fields=(
        Field("name", required_to_create=True, validate_new=common.title),
        Field("scene_id", reads="id"),
        Field("checks", type="list", elements="str", required_to_create=True, validate=sized(1, 100)),
    ),
    find=Find(identified_by=("scene_id", "name"), read=lambda ctx: api.list_inspection_scenes()),
    writes=Writes(
        create=Write.each(
            lambda ctx, item: api.create_inspection_scene(
                item.desired["name"], common.check_directory(ctx).identities(item.desired["checks"], "checks")
            ),
            "Create scene {names}",
        ),
        updates=(Write.each(modify, "Change scene {names}"),),
        delete=Write.each(
            lambda ctx, item: api.delete_inspection_scenes([item.existing["name"]]), "Delete scene {names}"
        ),
    ),
    rules=Rules(required_one_of=(("name", "scene_id"),)),
    hooks=Hooks(refine=refine, describe=common.describe_scene),
    returns=common.SCENE,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
