#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_key_pair
short_description: Manage SSH key pairs for hosts
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Creates, changes and removes the SSH key pairs that the platform uses to log in to hosts, and returns their public
    keys.
  - The public key must be added to C(authorized_keys) of root on each host before the host is added with the key pair.
    The private key never leaves the platform.
  - The platform can have at most 20 key pairs.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.attributes
attributes:
  idempotent:
    support: partial
    details: The platform does not show the algorithm of a key pair, so O(algorithm) is not compared for an existing
      one.
options:
  name:
    description:
      - Name of the key pair, at most 128 bytes. It is unique on the platform.
      - Required unless O(key_pair_id) is given. If both are given, this is the new name.
    type: str
  key_pair_id:
    description:
      - ID of the key pair.
    type: str
  description:
    description:
      - Description of the key pair, less than 256 bytes. An empty string clears it.
    type: str
  algorithm:
    description:
      - Algorithm and length of the key, for a new key pair. If omitted, the platform uses V(RSA_3072).
      - It cannot be changed, and is not compared for an existing key pair.
    type: str
    choices: [RSA_2048, RSA_3072, RSA_4096]
  public_key_path:
    description:
      - File to write the public key to, on the machine where the module runs. Its directory must exist.
      - The file is replaced atomically if it differs, and left alone with O(state=absent).
      - Costs one more request.
    type: path
  mode:
    description:
      - Permissions of the file O(public_key_path), as octal digits in quotes such as V('0644').
      - If omitted, an existing file keeps its permissions, and a new one gets its permissions from the umask.
    type: raw
  return_public_key:
    description:
      - Whether to return RV(key_pair.public_key). Costs one more request.
    type: bool
    default: false
  state:
    description:
      - Whether the key pair should exist.
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - With O(state=absent), whether to delete the key pair even if hosts use it. These hosts then have no key pair,
        and the platform cannot log in to them until they get another one.
    type: bool
    default: false
seealso:
  - module: gaussdb.tpops.gaussdb_key_pair_info
  - module: gaussdb.tpops.gaussdb_host
"""

EXAMPLES = r"""
- name: Create a key pair for the hosts of hall 2
  gaussdb.tpops.gaussdb_key_pair:
    name: ssh-hall-2
    description: Hosts of hall 2
    algorithm: RSA_4096
    return_public_key: true
  register: created

- name: Show what must be added to authorized_keys of root on each host
  ansible.builtin.debug:
    msg: "{{ created.key_pair.public_key }}"

- name: Write the public key to a file
  gaussdb.tpops.gaussdb_key_pair:
    name: ssh-hall-2
    public_key_path: "{{ playbook_dir }}/ssh-hall-2.pub"
    mode: '0644'

- name: Rename it
  gaussdb.tpops.gaussdb_key_pair:
    key_pair_id: "{{ created.key_pair.id }}"
    name: ssh-hall-two

- name: Remove it, unless hosts use it
  gaussdb.tpops.gaussdb_key_pair:
    name: ssh-hall-two
    state: absent
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
key_pair:
  description: The key pair as it is now, in check mode as it would be, as far as that is known.
  returned: success, unless O(state=absent)
  type: dict
  contains:
    id:
      description: ID of the key pair.
      type: str
    name:
      description: Name of the key pair.
      type: str
    description:
      description: Description of the key pair.
      type: str
    created_at:
      description: When it was created, as the platform writes it.
      type: str
    hosts_num:
      description: Number of hosts that use it.
      type: int
    public_key:
      description: The public key, one line without newline.
      returned: when O(public_key_path) or O(return_public_key) is given
      type: str
  sample:
    id: 0f0de0d5-7bcb-4f2e-8a74-2f4b5b1e53f0
    name: ssh-hall-2
    description: Hosts of hall 2
    created_at: '2026-01-05 08:00:00'
    hosts_num: 3
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

from collections.abc import Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import key_pair as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks, files
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
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


def check_file(ctx: Context, item: Item) -> None:
    """Find out that the file cannot be written before a key pair is created."""
    if item.present:
        files.check_option(ctx, "public_key_path")


def look_closer(ctx: Context, item: Item) -> Item | None:
    """Refuse to delete a key pair that hosts use, and read the public key if requested."""
    params, current = ctx.params, item.current
    if current is None:
        return None
    if not item.present:
        users = current["hosts_num"]
        if users and not params["force"]:
            raise InputError("force", f"hosts ({users}) use key pair {item.label}; it is only deleted with force=true")
    elif params["public_key_path"] or params["return_public_key"]:
        # The line ends with the name, so renaming the key pair changes it.
        key = f"public key {current['id']} {current['name']}"
        text = ctx.cached(key, lambda: ctx.text(api.get_public_key(current["id"])).strip())
        return item.refined(current={"public_key": text})
    return None


def write_file(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    if not items[0].present:
        return {}
    key = (items[0].current or {}).get("public_key")
    return files.put_option(ctx, "public_key_path", f"{key}\n" if key else None, ctx.params["mode"])


SPEC = Resource(
    name="key_pair",
    plural="key_pairs",
    fields=(
        Field("name", required_to_create=True, validate_new=checks.length(1, 128, "bytes")),
        Field("key_pair_id", reads="id", no_log=False),
        Field("description", validate_new=checks.length(0, 255, "bytes")),
        Field("algorithm", choices=api.ALGORITHMS, role=Role.WRITE_ONLY),
    ),
    options=(
        Field("public_key_path", type="path", no_log=False),
        Field("mode", type="raw", validate=files.check_mode_bits),
        Field("return_public_key", type="bool", default=False, no_log=False),
        Field("force", type="bool", default=False),
    ),
    find=Find(identified_by=("key_pair_id", "name"), read=lambda ctx: api.list_key_pairs()),
    writes=Writes(
        create=Write.each(lambda ctx, item: api.create_key_pair(**item.desired), "Create key pair {names}"),
        updates=(
            Write.each(
                lambda ctx, item: api.modify_key_pair(item.existing["id"], **item.changes), "Change key pair {names}"
            ),
        ),
        delete=Write.each(
            lambda ctx, item: api.delete_key_pair(item.existing["id"], ctx.params["force"]), "Delete key pair {names}"
        ),
    ),
    rules=Rules(required_one_of=(("name", "key_pair_id"),)),
    hooks=Hooks(validate=check_file, refine=look_closer, result=write_file),
    returns=api.KEY_PAIR.plus(
        Attr(
            "public_key",
            doc="The public key, one line without newline.",
            returned="when O(public_key_path) or O(return_public_key) is given",
        )
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
