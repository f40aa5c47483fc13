#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_host_sheet
short_description: Download the workbook for host lists, and check a completed one
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Downloads the workbook for a list of up to 50 hosts.
  - Lets the platform check a completed workbook, and returns its hosts so that M(gaussdb.tpops.gaussdb_host) can add
    them. The check does not add any hosts.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.attributes
attributes:
  idempotent:
    support: full
    details: As long as the platform returns exactly the same workbook.
options:
  template_path:
    description:
      - File to write the empty workbook to, on the machine where the module runs. Its directory must exist.
      - The file is replaced atomically if it differs.
      - Fill in a copy of this file, because the next run replaces the file with the empty workbook.
    type: path
  mode:
    description:
      - Permissions of the file O(template_path), as quoted octal digits such as V('0644').
      - By default, an existing file keeps its permissions, and a new file gets those that the umask allows.
    type: raw
  path:
    description:
      - A completed workbook of up to 16 MiB, on the machine where the module runs. If a host in it is invalid, the task
        fails and names the cells.
    type: path
  return_passwords:
    description:
      - Whether RV(hosts) includes the root passwords of the workbook. By default, they are omitted with a warning.
      - If set, use C(no_log) for this task and for those that use RV(hosts).
    type: bool
    default: false
seealso:
  - module: gaussdb.tpops.gaussdb_host
"""

EXAMPLES = r"""
- name: Download the workbook
  gaussdb.tpops.gaussdb_host_sheet:
    template_path: "{{ playbook_dir }}/hosts-empty.xlsx"
    mode: '0644'

- name: Check the completed workbook
  gaussdb.tpops.gaussdb_host_sheet:
    path: "{{ filled_workbook }}"
  register: sheet

- name: Add its hosts, all with the same key pair
  gaussdb.tpops.gaussdb_host:
    hosts: "{{ sheet.hosts | map('combine', {'key_pair': 'ssh-hall-2'}) }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
hosts:
  description: The hosts in the workbook, with the options of M(gaussdb.tpops.gaussdb_host). Empty cells are omitted.
  returned: when O(path) is given
  type: list
  elements: dict
  contains:
    name:
      description: Name of the host.
      type: str
    manage_ip:
      description: Management address.
      type: str
    data_ip:
      description: Data address.
      type: str
    virtual_ip:
      description: Service address.
      type: str
    data_center_id:
      description: ID of the data center.
      type: str
    ssh_key_id:
      description: ID of the key pair.
      returned: if the workbook has one
      type: str
    os_root_password:
      description: Password of root.
      returned: if O(return_passwords=true) and the workbook has one
      type: str
    ssh_port:
      description: Port of the SSH server.
      type: int
    type:
      description: Type of the host, such as V(BMS).
      type: str
    os_type:
      description: Operating system.
      type: str
    cpu_spec:
      description: Vendor of the CPU.
      type: str
    storage_type:
      description: Type of storage.
      type: str
    description:
      description: Description of the host.
      returned: if the workbook has one
      type: str
    remove_chroot_dir:
      description: Whether the directory of the sandbox is removed.
      type: bool
  sample:
    - name: db-east-01
      manage_ip: 192.0.2.11
      data_ip: 198.51.100.11
      virtual_ip: 203.0.113.11
      data_center_id: 59ec7944-757a-4429-b448-bad7207ce7c6
      ssh_port: 22
      type: BMS
      os_type: kylin
      cpu_spec: intel
      storage_type: localssd
      remove_chroot_dir: false
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

import re
from collections.abc import Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import host as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import files
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Hooks, Rules
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure, InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

# The platform quotes the invalid cells.
PASSWORD = re.compile(r"((?:os_root_pwd|password)\(value:).*?(\) in )", re.IGNORECASE)


def prepare(ctx: Context, items: Sequence[Item]) -> list[Step]:
    """Check the files before the first request. Nothing is written to the platform."""
    files.check_option(ctx, "template_path")
    if ctx.params["path"]:
        read_sheet(ctx)
    return []


def read_sheet(ctx: Context) -> bytes:
    return ctx.cached("sheet", lambda: files.get_file(ctx.params["path"], "path"))


def build_result(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    """Check the workbook first, because it may be invalid."""
    found = read_hosts(ctx)
    template = ctx.content(api.get_host_template()) if ctx.params["template_path"] else None
    return {**found, **files.put_option(ctx, "template_path", template, ctx.params["mode"])}


def read_hosts(ctx: Context) -> dict[str, Any]:
    if not ctx.params["path"]:
        return {}
    try:
        found = ctx.items(api.verify_host_file(read_sheet(ctx)))
    except ApiFailure as error:
        raise build_error(ctx.params["path"], error) from None
    left_out = set() if ctx.params["return_passwords"] else {"os_root_password"}
    number = sum(bool(host[name]) for host in found for name in left_out)
    if number:
        ctx.warn(
            f"The root passwords of {number} hosts in the workbook are omitted; set return_passwords=true to return "
            "them"
        )
    return {
        "hosts": [
            {name: value for name, value in host.items() if value not in (None, "") and name not in left_out}
            for host in found
        ]
    }


def build_error(path: str, error: ApiFailure) -> TpopsError:
    """Return an error that names the cells, or the platform's own error."""
    reply = error.details.get("reply")
    if not isinstance(reply, dict) or not reply.get("fail_hosts"):
        return error
    cells = reply["fail_hosts"]
    texts = "; ".join(PASSWORD.sub(r"\1***\2", str(cell)) for cell in cells)
    number = reply.get("fail_count") or len(cells)
    return InputError("path", f"{number} hosts in {path} are invalid: {texts}", status=error.status)


SPEC = Action(
    name="host_sheet",
    fields=(
        Field("template_path", type="path"),
        Field("mode", type="raw", validate=files.check_mode_bits),
        Field("path", type="path"),
        Field("return_passwords", type="bool", default=False, no_log=False),
    ),
    steps=prepare,
    rules=Rules(required_one_of=(("template_path", "path"),)),
    hooks=Hooks(result=build_result),
    also_returns=(
        Attr(
            "hosts",
            kind="list",
            shape=api.SHEET_HOST,
            doc=(
                "The hosts in the workbook, with the options of M(gaussdb.tpops.gaussdb_host). Empty cells are omitted."
            ),
            returned="when O(path) is given",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
