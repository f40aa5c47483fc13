#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_backup_certificate
short_description: Install the certificates for the backups of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Installs the certificates that an instance uses to connect to its XBSA medium.
  - All four options are required each time, because the platform only accepts them together.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  ca_cert:
    description:
      - CA certificate, as PEM text or in Base64, up to 65536 characters in Base64.
    type: str
    required: true
  client_cert:
    description:
      - Client certificate, in the same format as O(ca_cert).
    type: str
    required: true
  client_key:
    description:
      - Private key of the client, in the same format as O(ca_cert).
    type: str
    required: true
  key_password:
    description:
      - Password of O(client_key), in plain text. The module encodes it.
    type: str
    required: true
attributes:
  diff_mode:
    support: none
    details: The platform does not show which certificates are installed.
  idempotent:
    support: none
    details: The platform does not show which certificates are installed, so each run installs them.
seealso:
  - module: gaussdb.tpops.gaussdb_backup_medium
"""

EXAMPLES = r"""
- name: Install the certificates of the backup system
  gaussdb.tpops.gaussdb_backup_certificate:
    instance: orders-prod
    ca_cert: "{{ backup_ca_cert }}"
    client_cert: "{{ backup_client_cert }}"
    client_key: "{{ vault_client_key }}"
    key_password: "{{ vault_key_password }}"
  register: installed

- name: Show the ID of the job
  ansible.builtin.debug:
    var: installed.job.id
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
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
job:
  description: The last one of RV(jobs).
  returned: when a job was started
  type: dict
  contains:
    id:
      description: ID of the job.
      type: str
    name:
      description: Type of the job, as the platform calls it.
      type: str
    status:
      description: Status, such as V(Running), V(Completed) or V(Failed).
      type: str
    progress:
      description: Progress in percent.
      type: float
  sample:
    id: 8a0e8d9f-1bb5-4f0b-9a41-32a9b2a6a0c6
    name: StartGaussDBV5Instance
    status: Running
    progress: 45
jobs:
  description: The jobs that the task started, in their order. Without waiting C(name) and C(progress) are empty.
  returned: when a job was started
  type: list
  elements: dict
  contains:
    id:
      description: ID of the job.
      type: str
    name:
      description: Type of the job, as the platform calls it.
      type: str
    status:
      description: Status, such as V(Running), V(Completed) or V(Failed).
      type: str
    progress:
      description: Progress in percent.
      type: float
  sample:
    - id: 8a0e8d9f-1bb5-4f0b-9a41-32a9b2a6a0c6
      name: StartGaussDBV5Instance
      status: Running
      progress: 45
"""
# RETURN:end

from collections.abc import Sequence

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.backup import CERTIFICATES, install_backup_certificates
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.certificates import (
    base64_of,
    check_pem_or_base64,
    encode_pem,
)


def plan(ctx: Context, items: Sequence[Item]) -> list[Step]:
    certificates = {option: encode_pem(ctx.params[option]) for option in CERTIFICATES}
    certificates["key_password"] = base64_of(ctx.params["key_password"])
    call = install_backup_certificates(ctx.parent.id, certificates)
    return [Step(call, f"Install the backup certificates of instance {ctx.parent.label}")]


SPEC = Action(
    name="backup_certificate",
    parent=INSTANCE,
    starts_jobs=True,
    fields=(
        Field("ca_cert", required=True, validate=check_pem_or_base64),
        Field("client_cert", required=True, validate=check_pem_or_base64),
        Field("client_key", required=True, no_log=True, validate=check_pem_or_base64),
        # This fits into 65536 characters of Base64.
        Field("key_password", required=True, no_log=True, validate=checks.length(0, 49152, "bytes")),
    ),
    steps=plan,
    # Installing the same certificates again does no harm.
    sees_writes=True,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
