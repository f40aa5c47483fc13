#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_key_pair_info
short_description: Gather information about SSH key pairs for hosts
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the SSH key pairs that the platform uses to log in to hosts, optionally with their public keys.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.info
options:
  name:
    description:
      - List only the key pair with this name.
    type: str
  key_pair_id:
    description:
      - List only the key pair with this ID.
    type: str
  description:
    description:
      - List only key pairs with this text in their description. The comparison is case-sensitive.
    type: str
  gather:
    description:
      - Additional information to read. V(public_key) costs one request for each key pair.
    type: list
    elements: str
    choices: [public_key]
    default: []
seealso:
  - module: gaussdb.tpops.gaussdb_key_pair
"""

EXAMPLES = r"""
- name: List all key pairs with their public keys
  gaussdb.tpops.gaussdb_key_pair_info:
    gather: [public_key]
  register: all

- name: Show those that no host uses
  ansible.builtin.debug:
    msg: "{{ all.key_pairs | selectattr('hosts_num', 'equalto', 0) | map(attribute='name') | join(', ') }}"

- name: Show one public key
  ansible.builtin.debug:
    msg: "{{ all.key_pairs[0].public_key }}"
  when: all.key_pairs | length > 0
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
key_pairs:
  description: The key pairs.
  returned: success
  type: list
  elements: dict
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
      returned: when O(gather) has V(public_key)
      type: str
  sample:
    - id: 0f0de0d5-7bcb-4f2e-8a74-2f4b5b1e53f0
      name: ssh-hall-2
      description: Hosts of hall 2
      created_at: '2026-01-05 08:00:00'
      hosts_num: 3
"""
# RETURN:end

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import key_pair as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import filter_equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Field, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def select(ctx: Context, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = filter_equal(found, name=ctx.params["name"], id=ctx.params["key_pair_id"])
    if "public_key" in ctx.params["gather"]:
        return [{**entry, "public_key": ctx.text(api.get_public_key(entry["id"])).strip()} for entry in wanted]
    return wanted


SPEC = Info(
    plural="key_pairs",
    fields=(
        Field("name"),
        Field("key_pair_id", no_log=False),
        Field("description"),
        Field("gather", type="list", elements="str", choices=("public_key",), default=[]),
    ),
    read=lambda ctx: api.list_key_pairs(ctx.params["key_pair_id"], ctx.params["name"], ctx.params["description"]),
    select=select,
    returns=api.KEY_PAIR.plus(
        Attr("public_key", doc="The public key, one line without newline.", returned="when O(gather) has V(public_key)")
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
