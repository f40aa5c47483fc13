# SPDX-License-Identifier: GPL-3.0-or-later
"""4.8 host key pairs."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ..model.entities import KeyPair
from ..model.errors import ApiError
from ..model.request import Reply, Request
from ..model.site import Site

MAX_KEY_PAIRS = 20
MAX_NAME_BYTES = 128
MAX_DESCRIPTION_BYTES = 255


def _check(site: Site, name: str | None, description: str | None, own_id: str | None = None) -> None:
    if name is not None:
        if not name.strip() or len(name.encode()) > MAX_NAME_BYTES:
            raise ApiError("DBS.200001", detail=f"name has 1 to {MAX_NAME_BYTES} bytes")
        if any(k.name == name and k.id != own_id for k in site.key_pairs.values()):
            raise ApiError("DBS.200001", detail=f"a key pair named {name} exists")
    if len((description or "").encode()) > MAX_DESCRIPTION_BYTES:
        raise ApiError("DBS.200001", detail=f"description has at most {MAX_DESCRIPTION_BYTES} bytes")


def _find(site: Site, key_pair_id: str) -> KeyPair:
    key_pair = site.key_pairs.get(key_pair_id)
    if key_pair is None:
        raise ApiError("DBS.200044", detail=f"key pair {key_pair_id}")
    return key_pair


def create_key_pair(site: Site, request: Request) -> dict[str, Any]:
    """4.8.1."""
    body = request.body or {}
    if len(site.key_pairs) >= MAX_KEY_PAIRS:
        raise ApiError("DBS.200001", detail=f"there are already {MAX_KEY_PAIRS} key pairs, the maximum")
    _check(site, body.get("name"), body.get("description"))
    key_pair_id = site.ids.uuid()
    site.key_pairs[key_pair_id] = KeyPair(
        id=key_pair_id,
        name=body.get("name") or f"ssh-{key_pair_id[:8]}",
        description=body.get("description") or "",
        key_algorithms=body.get("key_algorithms") or "RSA_3072",
        created=site.clock.now(),
    )
    return {"id": key_pair_id}


def list_key_pairs(site: Site, request: Request) -> dict[str, Any]:
    """4.8.2."""
    query = request.query
    bound = Counter(host.ssh_key_id for host in site.hosts.values() if host.ssh_key_id)
    found = [
        k
        for k in site.key_pairs.values()
        if (not query.get("id") or k.id == query["id"])
        and (not query.get("name") or query["name"] in k.name)
        and (not query.get("description") or query["description"] in k.description)
    ]
    return {
        "total_count": len(found),
        "key_pairs": [
            {
                "id": k.id,
                "name": k.name,
                "description": k.description,
                "created_at": datetime.fromtimestamp(k.created, UTC).strftime("%Y-%m-%d %H:%M:%S"),
                "host_nums": bound[k.id],
            }
            for k in site.page(found, request)
        ],
    }


def modify_key_pair(site: Site, request: Request) -> None:
    """4.8.3."""
    body = request.body
    key_pair = _find(site, body["id"])
    # The reference's own example misspells the field.
    description = body.get("description", body.get("descirption"))
    _check(site, body.get("name"), description, own_id=key_pair.id)
    key_pair.name = body.get("name", key_pair.name)
    if description is not None:
        key_pair.description = description


def delete_key_pair(site: Site, request: Request) -> None:
    """4.8.4. Hosts bound to a key pair that is deleted by force keep running, without one."""
    key_pair = _find(site, request.body["id"])
    bound = [h for h in site.hosts.values() if h.ssh_key_id == key_pair.id]
    if bound and not request.body.get("forced", False):
        raise ApiError(
            "DBS.200001", detail=f"{len(bound)} hosts are bound to the key pair; it can only be deleted by force"
        )
    for host in bound:
        host.ssh_key_id = None
        host.updated = site.clock.now()
    del site.key_pairs[key_pair.id]


def get_public_key(site: Site, request: Request) -> Reply:
    """4.8.5. The comment of the line is the name the key pair has now."""
    key_pair = _find(site, request.query["id"])
    if key_pair.public_key is None:
        bits = int(key_pair.key_algorithms.rpartition("_")[2])
        # The private half is discarded: the simulator never logs in to hosts, and this way it cannot leak.
        key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        key_pair.public_key = (
            key.public_key()
            .public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
            .decode("ascii")
        )
    comment = re.sub(r"\s+", "-", key_pair.name)
    filename = re.sub(r"[^A-Za-z0-9._-]", "_", key_pair.name)
    return Reply(
        f"{key_pair.public_key} {comment}\n".encode(),
        headers={"Content-Disposition": f'attachment; filename="{filename}.pub"'},
        media_type="application/octet-stream",
    )
