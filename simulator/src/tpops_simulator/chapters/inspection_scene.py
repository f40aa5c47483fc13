# SPDX-License-Identifier: GPL-3.0-or-later
"""4.10.9 and 4.10.12 to 4.10.15: the items of inspections, and scenes, which are named sets of them."""

from __future__ import annotations

from typing import Any

from ..model.errors import ApiError
from ..model.inspection_items import CATEGORIES, ITEMS
from ..model.inspections import check_items, create_scene, in_language, store
from ..model.request import Reply, Request
from ..model.site import Site


def list_inspection_items(site: Site, request: Request) -> dict[str, Any]:
    """4.10.9. The total counts the categories, as in the reference's example."""
    categories = [
        {
            "name": in_language(request, names),
            "items": [
                {
                    "id": item.id,
                    "name": in_language(request, item.names),
                    "description": in_language(request, item.descriptions),
                }
                for item in ITEMS.values()
                if item.category == key
            ],
        }
        for key, names in CATEGORIES.items()
    ]
    return {"total_count": len(categories), "inspections": categories}


def list_inspection_scenes(site: Site, request: Request) -> dict[str, Any]:
    """4.10.12."""
    scenes = [
        {"scene_id": scene.id, "name": scene.name, "is_default": scene.is_default, "item_ids": scene.item_ids}
        for scene in store(site).scenes.values()
    ]
    return {"total_count": len(scenes), "scenes": scenes}


def create_inspection_scene(site: Site, request: Request) -> Reply:
    """4.10.13. Names are unique: the other operations identify scenes only by name."""
    create_scene(site, request.body["name"], request.body["item_ids"])
    return Reply("success")


def delete_inspection_scenes(site: Site, request: Request) -> dict[str, Any]:
    """4.10.14. The result is the number of items deleted with the scene; 0 for built-in and unknown scenes."""
    scenes = store(site).scenes
    results = []
    for name in request.body["names"]:
        scene = scenes.get(name)
        if scene is None or scene.is_default:
            results.append({"inspection_id": scene.id if scene else name, "result": "0"})
            continue
        del scenes[name]
        results.append({"inspection_id": scene.id, "result": str(len(scene.item_ids))})
    return {"results": results}


def modify_inspection_scene(site: Site, request: Request) -> Reply:
    """4.10.15."""
    body = request.body
    scenes = store(site).scenes
    scene = scenes.get(body["name"])
    if scene is None:
        raise ApiError("DBS.200044", detail="scene")
    if scene.is_default:
        raise ApiError("DBS.200001", detail="a built-in scene cannot be changed")
    new_name = body["modify_name"]
    if new_name != scene.name and new_name in scenes:
        raise ApiError("DBS.200001", detail=f"modify_name {new_name} exists already")
    check_items(body["item_ids"])
    del scenes[scene.name]
    scene.name, scene.item_ids = new_name, list(dict.fromkeys(body["item_ids"]))
    scenes[new_name] = scene
    return Reply("success")
