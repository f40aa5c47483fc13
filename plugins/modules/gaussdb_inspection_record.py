#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_inspection_record
short_description: Remove records of inspections
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Removes inspection records, either by ID or all that match the given filters. The results in these records are lost.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.attributes
options:
  record_ids:
    description:
      - IDs of the records. If a run is in progress, the task waits for it to end.
      - Mutually exclusive with the filter options. At least one of these options is required.
    type: list
    elements: str
  inspection:
    description:
      - Remove only records of the inspection with this name.
    type: str
  instance_names:
    description:
      - Remove only records of the instances with these names.
    type: list
    elements: str
  status:
    description:
      - Remove only records of runs that ended with this status.
    type: str
    choices: [completed, failed]
  older_than:
    description:
      - Remove only records of runs that began before this. Either an age such as V(30d), a time such as V(2026-01-05
        08:00:00 UTC), or milliseconds since 1970.
    type: str
  state:
    description:
      - Confirms that the records should be removed. This is the only state.
    type: str
    choices: [absent]
    required: true
notes:
  - Records of runs that are in progress are kept unless O(record_ids) lists them.
seealso:
  - module: gaussdb.tpops.gaussdb_inspection_record_info
"""

EXAMPLES = r"""
- name: Remove records that are older than 30 days
  gaussdb.tpops.gaussdb_inspection_record:
    older_than: 30d
    state: absent

- name: Find the failed runs of an inspection
  gaussdb.tpops.gaussdb_inspection_record_info:
    inspection: nightly-health
    status: failed
  register: failed

- name: Remove their records
  gaussdb.tpops.gaussdb_inspection_record:
    record_ids: "{{ failed.records | map(attribute='id') }}"
    state: absent
  when: failed.records | length > 0
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
records:
  description: Always empty, because records can only be removed.
  returned: success
  type: list
  elements: dict
outcomes:
  description: What became of each record of the task.
  returned: success, and when some failed
  type: list
  elements: dict
  contains:
    name:
      description: Its name or ID, as the task has it.
      type: str
    outcome:
      description: V(removed), V(unchanged) or V(failed).
      type: str
    msg:
      description: Why it failed.
      returned: when it failed
      type: str
  sample:
    - name: 835059db-4b9d-4f6a-8ffb-00f78e5f4c03
      outcome: removed
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

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import inspection as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.period import read_moment_ms
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.checks import not_empty
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import filter_equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Policy
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Find,
    Hooks,
    Resource,
    Rules,
    Status,
    Write,
    Writes,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times

FILTERS = ("inspection", "instance_names", "status", "older_than")
# The reference does not specify a limit.
BATCH = 100


def build_desired(ctx: Context) -> list[dict[str, Any]]:
    """Return the records to remove, either by ID or by the filters."""
    params = ctx.params
    given = [name for name in FILTERS if params[name] not in (None, "", [])]
    if params["record_ids"]:
        return [{"record_id": each} for each in dict.fromkeys(params["record_ids"])]
    if not given:
        raise InputError(("record_ids", *FILTERS), "one of them is required")
    before = read_moment_ms(ctx, "older_than")
    found = ctx.items(
        api.list_inspection_records(params["inspection"], params["instance_names"], params["status"], end_ms=before)
    )
    return [
        {"record_id": each["id"]}
        for each in filter_equal(found, inspection=params["inspection"])
        if each["status"] in api.SETTLED
    ]


def refused(data: Any, items: Sequence[Item]) -> dict[str, TpopsError]:
    failed = api.undeleted_of("records", data)
    texts = {item.label: f"The platform did not delete record {item.label}" for item in items if item.label in failed}
    return {label: TpopsError(text, operation="delete_inspection_records") for label, text in texts.items()}


SPEC = Resource(
    name="record",
    plural="records",
    batch=True,
    states=(),
    status=Status(pending=(api.RUNNING,), settled=api.SETTLED),
    starts_jobs=True,
    fields=(Field("record_id", reads="id"),),
    options=(
        Field("record_ids", type="list", elements="str", validate=not_empty),
        Field("inspection"),
        Field("instance_names", type="list", elements="str", validate=not_empty),
        Field("status", choices=("completed", "failed")),
        Field("older_than", validate=times.check_past),
        Field("state", required=True, choices=("absent",)),
    ),
    find=Find(identified_by=("record_id",), read=lambda ctx: api.list_inspection_records()),
    writes=Writes(
        delete=Write.batch(
            lambda ctx, items: api.delete_inspection_records([item.existing["id"] for item in items]),
            lambda items: f"Delete record {items[0].label}" if len(items) == 1 else f"Delete {len(items)} records",
            policy=Policy(item_errors=refused),
            size=BATCH,
        )
    ),
    rules=Rules(mutually_exclusive=tuple(("record_ids", name) for name in FILTERS)),
    hooks=Hooks(desired=build_desired),
    also_returns=(
        Attr("records", elements="dict", doc="Always empty, because records can only be removed."),
        Attr("outcomes", sample=[{"name": "835059db-4b9d-4f6a-8ffb-00f78e5f4c03", "outcome": "removed"}]),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
