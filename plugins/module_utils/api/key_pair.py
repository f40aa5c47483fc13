# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SSH key pairs with which the platform logs in to hosts (reference 4.8)."""

from __future__ import annotations

from .operation import Call, Operation
from .shape import Attr, Shape

KEY_PAIR = Shape(
    (
        Attr("id", doc="ID of the key pair."),
        Attr("name", doc="Name of the key pair."),
        Attr("description", doc="Description of the key pair."),
        Attr("created_at", doc="When it was created, as the platform writes it."),
        Attr("hosts_num", ("host_nums", "hosts_num", "host_num"), "int", doc="Number of hosts that use it."),
    ),
    sample={
        "id": "0f0de0d5-7bcb-4f2e-8a74-2f4b5b1e53f0",
        "name": "ssh-hall-2",
        "description": "Hosts of hall 2",
        "created_at": "2026-01-05 08:00:00",
        "hosts_num": 3,
    },
)

CREATE_KEY_PAIR = Operation("create_key_pair", "POST", "/gaussdb/v3/hosts/key-pair", "4.8.1")
LIST_KEY_PAIRS = Operation(
    "list_key_pairs",
    "GET",
    "/gaussdb/v3/hosts/key-pair",
    "4.8.2",
    read=True,
    items=("key_pairs",),
    page_size=20,
    shape=KEY_PAIR,
)
MODIFY_KEY_PAIR = Operation("modify_key_pair", "PUT", "/gaussdb/v3/hosts/key-pair", "4.8.3")
DELETE_KEY_PAIR = Operation("delete_key_pair", "DELETE", "/gaussdb/v3/hosts/key-pair", "4.8.4")
GET_PUBLIC_KEY = Operation(
    "get_public_key",
    "GET",
    "/gaussdb/v3/hosts/public-key",
    "4.8.5",
    read=True,
    file=True,
    begins=(b"ssh-", b"ecdsa-", b"sk-", b"-----BEGIN ", b"---- BEGIN "),
)

ALGORITHMS = ("RSA_2048", "RSA_3072", "RSA_4096")


def create_key_pair(name: str, description: str | None = None, algorithm: str | None = None) -> Call:
    """Create a key pair (4.8.1); the platform stores at most 20. ``algorithm`` is one of ``ALGORITHMS``, by default
    ``RSA_3072``."""
    return CREATE_KEY_PAIR.call(body={"name": name, "description": description, "key_algorithms": algorithm})


def list_key_pairs(key_pair_id: str | None = None, name: str | None = None, description: str | None = None) -> Call:
    """List key pairs (4.8.2): ``id``, ``name``, ``description``, ``created_at``, ``hosts_num`` of each.

    The platform's filters for name and description may match substrings.
    """
    return LIST_KEY_PAIRS.call(query={"id": key_pair_id, "name": name, "description": description})


def modify_key_pair(key_pair_id: str, name: str | None = None, description: str | None = None) -> Call:
    """Change the name, which must be unique, or the description of a key pair (4.8.3)."""
    return MODIFY_KEY_PAIR.call(body={"id": key_pair_id, "name": name, "description": description})


def delete_key_pair(key_pair_id: str, forced: bool = False) -> Call:
    """Delete a key pair permanently (4.8.4). While hosts use it, ``forced`` is required."""
    return DELETE_KEY_PAIR.call(body={"id": key_pair_id, "forced": forced})


def get_public_key(key_pair_id: str) -> Call:
    """Download the public key of a key pair (4.8.5): the text of a file, one line for ``authorized_keys``."""
    return GET_PUBLIC_KEY.call(query={"id": key_pair_id})
