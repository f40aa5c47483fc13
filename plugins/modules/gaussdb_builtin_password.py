#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_builtin_password
short_description: Set the passwords of the built-in database users
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Sets the passwords of the built-in users of an instance, which are V(rdsAdmin), V(rdsMetric), V(rdsRepl),
    V(rdsBackup) and V(root). The platform itself uses the first four.
  - All passwords are set with one request. If the platform rejects it, each password is set separately, so an invalid
    one does not prevent the others from being set.
  - A password must have 8 to 32 characters from at least three of the classes uppercase letters, lowercase letters,
    digits and special characters. Quotes, backticks, blanks and non-ASCII characters are not allowed.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
attributes:
  diff_mode:
    support: none
    details: Passwords cannot be read.
  idempotent:
    support: partial
    details:
      - A password cannot be read back, so it is sent on every run, and check mode always predicts a change. If the
        platform replies that the password is already set, the run reports no change for that user.
options:
  admin_password:
    description: New password of V(rdsAdmin).
    type: str
  metric_password:
    description: New password of V(rdsMetric).
    type: str
  repl_password:
    description: New password of V(rdsRepl).
    type: str
  backup_password:
    description: New password of V(rdsBackup).
    type: str
  root_password:
    description: New password of V(root).
    type: str
seealso:
  - module: gaussdb.tpops.gaussdb_user
    description: Sets the passwords of all other users, and also that of V(root).
"""

EXAMPLES = r"""
- name: Set the passwords of two built-in users
  gaussdb.tpops.gaussdb_builtin_password:
    instance: orders-prod
    metric_password: "{{ new_metric_password }}"
    backup_password: "{{ new_backup_password }}"
  register: passwords

- name: Show whose password was changed
  ansible.builtin.debug:
    msg: "{{ passwords.outcomes | selectattr('outcome', 'equalto', 'changed') | map(attribute='name') | list }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
outcomes:
  description: The outcome for each user whose password is given.
  returned: success, and when some failed
  type: list
  elements: dict
  contains:
    name:
      description: Its name or ID, as the task has it.
      type: str
    outcome:
      description: V(changed), V(unchanged) or V(failed).
      type: str
    msg:
      description: Why it failed.
      returned: when it failed
      type: str
  sample:
    - name: rdsMetric
      outcome: changed
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

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import database_user as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Policy, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Rules
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

OPTIONS = {prefix: f"{prefix}_password" for prefix in api.BUILTIN_USERS}


def build_items(ctx: Context) -> list[Item]:
    given = {prefix: ctx.params[option] for prefix, option in OPTIONS.items() if ctx.params[option] is not None}
    return [Item({prefix: password}, api.BUILTIN_USERS[prefix], OPTIONS[prefix]) for prefix, password in given.items()]


def plan(ctx: Context, items: Sequence[Item]) -> list[Step]:
    def make(part: Sequence[Item]) -> Step:
        passwords = {prefix: password for item in part for prefix, password in item.desired.items()}
        # For several users, the reply does not say whose password is unchanged.
        already = (api.SAME_PASSWORD,) if len(part) == 1 else ()
        summary = f"Set the password of {', '.join(item.label for item in part)}"
        return Step(
            api.init_builtin_passwords(ctx.parent.id, passwords),
            summary,
            part,
            for_items=make,
            policy=Policy(done_codes=already, split_on_refusal=True),
        )

    return [make(items)]


SPEC = Action(
    name="passwords",
    parent=INSTANCE,
    fields=[Field(option, no_log=True, validate=checks.password) for option in OPTIONS.values()],
    items=build_items,
    steps=plan,
    sees_writes=True,
    rules=Rules(required_one_of=(tuple(OPTIONS.values()),)),
    also_returns=(
        Attr(
            "outcomes",
            doc="The outcome for each user whose password is given.",
            sample=[{"name": "rdsMetric", "outcome": "changed"}],
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
