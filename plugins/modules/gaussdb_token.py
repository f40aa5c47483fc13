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
  - Logs in and returns a token that other tasks can use as O(token).
  - Modules log in on their own and share the token. Use this module if only one task should know the password, or to
    pass a token to another tool.
  - The returned token is a secret. Set C(no_log) on the task.
  - The platform's other information at login is returned too, such as how long the password stays valid.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.attributes
attributes:
  check_mode:
    details: A login changes nothing on the platform, so it is also done in check mode.
  diff_mode:
    support: N/A
    details: There is nothing to compare.
  idempotent:
    details: As long as the cached token is valid, the same token is returned.
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

- name: Make sure that the password does not expire soon
  ansible.builtin.assert:
    that: login.login.password_expiration_remaining_days > 14
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
token:
  description: The token.
  returned: success
  type: str
  sample: MIIPAgYJKoZIhvcNAQcCoggg1BBIINPXsidG9rZ
expires_at:
  description: When the token expires, in seconds since 1970-01-01 UTC. Empty for a token that was given as O(token).
  returned: success
  type: float
  sample: 1764057600.0
login:
  description: What the platform reported at login. For a cached token this was some time ago. For a token given as
    O(token) each value is empty.
  returned: success
  type: dict
  contains:
    user_id:
      description: ID of the platform user.
      type: str
    session_timeout_minutes:
      description: Validity of a token in minutes.
      type: int
    password_expiration_days:
      description: Validity of a password in days.
      type: int
    password_expiration_remaining_days:
      description: Remaining validity of this password in days.
      type: int
    password_expired_reminder:
      description: Whether the platform reminds the user to change the password. Empty if it does not report this.
      type: bool
    is_first_time_login:
      description: Whether it was the first login of the user.
      type: bool
    login_failed_attempts:
      description: Number of failed logins before this one.
      type: int
    login_ip:
      description: Address that the login came from.
      type: str
    last_login_ip:
      description: Address that the previous login came from.
      type: str
    last_login_time:
      description: Time of the previous login, as the platform writes it.
      type: str
    last_login_failed_ip:
      description: Address that the last failed login came from.
      type: str
    last_login_failed_time:
      description: Time of the last failed login, as the platform writes it.
      type: str
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

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.login import SESSION
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Hooks
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def login(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    info = ctx.client.token_info()
    return {"token": info.pop("token"), "expires_at": info.pop("expires_at"), "login": info}


SPEC = Action(
    name="token",
    fields=(),
    steps=lambda ctx, items: (),
    hooks=Hooks(result=login),
    also_returns=(
        Attr("token", doc="The token.", returned="success", sample="MIIPAgYJKoZIhvcNAQcCoggg1BBIINPXsidG9rZ"),
        Attr(
            "expires_at",
            kind="number",
            doc=(
                "When the token expires, in seconds since 1970-01-01 UTC. Empty for a token that was given as O(token)."
            ),
            returned="success",
            sample=1764057600.0,
        ),
        Attr(
            "login",
            kind="dict",
            shape=SESSION.without("token"),
            doc=(
                "What the platform reported at login. For a cached token this was some time ago. For a token given as "
                "O(token) each value is empty."
            ),
            returned="success",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
