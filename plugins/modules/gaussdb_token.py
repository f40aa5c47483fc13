#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_token
short_description: Get a token of the management platform
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Logs in and returns a token that other tasks can be given as O(token).
  - Modules log in by themselves and share the token, so this module is for the cases in which the password shall be known
    to one task only, or in which a token has to be handed to something else.
  - The returned token is a secret. Set C(no_log) on the task.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.attributes
attributes:
  check_mode:
    details: A login changes nothing that the platform manages, so that it is done in check mode too.
  diff_mode:
    support: N/A
    details: There is nothing to compare.
  idempotent:
    details: As long as a kept token is valid the same one is returned.
options: {}
"""

EXAMPLES = r"""
- name: Log in once
  gaussdb.tpops.gaussdb_token:
  register: login
  no_log: true

- name: Use the token
  gaussdb.tpops.gaussdb_data_center_info:
    token: "{{ login.token }}"
"""

RETURN = r"""
token:
  description: The token.
  returned: success
  type: str
  sample: MIIPAgYJKoZIhvcNAQcCoggg1BBIINPXsidG9rZ
expires_at:
  description: When the token expires, in seconds since 1970-01-01 UTC. V(null) for a token that was given as O(token).
  returned: success
  type: float
  sample: 1764057600.0
"""

from ansible_collections.gaussdb.tpops.plugins.module_utils.resource import Action
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def login(ctx, replies):
    information = ctx.client.token_info()
    return {key: information.get(key) for key in ("token", "expires_at")}


SPEC = Action(name="token", fields=(), plan=lambda ctx: [], result=login)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
