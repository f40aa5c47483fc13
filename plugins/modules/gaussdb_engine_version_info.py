#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_engine_version_info
short_description: List engine versions
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the database engine versions that are available for new instances.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.info
seealso:
  - module: gaussdb.tpops.gaussdb_instance
"""

EXAMPLES = r"""
- name: List the engine versions
  gaussdb.tpops.gaussdb_engine_version_info:
  register: engine

- name: Fail if the required version is not available
  ansible.builtin.assert:
    that:
      - "'3.200.0' in engine.versions"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
versions:
  description: The versions, in the platform's order.
  returned: success
  type: list
  elements: str
  sample:
    - 3.103.0
    - 3.200.0
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import engine_version as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import as_words

SPEC = Info(
    plural="versions",
    find=Find(
        read=lambda ctx: api.list_engine_versions(),
        # The example in the reference has numbers.
        select=lambda ctx, found: as_words(found),
    ),
    also_returns=(
        Attr(
            "versions",
            doc="The versions, in the platform's order.",
            sample=["3.103.0", "3.200.0"],
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
