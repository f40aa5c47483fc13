#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_table_flashback
short_description: Flash back a table to an earlier state, or restore a dropped table
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Restores a dropped table, or flashes back the rows of a table to an earlier point in time.
  - Works on primary/standby instances only, if the parameters C(enable_default_ustore_table) and C(enable_recyclebin)
    are on. The recycle bin keeps dropped tables for C(recyclebin_retention_time) seconds, and old row versions are kept
    for C(undo_retention_time) seconds. All of this is checked before anything is changed.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
attributes:
  diff_mode:
    support: none
    details: The platform does not show the rows of a table.
  idempotent:
    support: partial
    details:
      - Whether a table has been flashed back to O(time) is not visible, so it is done on every run.
      - With O(undrop=true), nothing is done if the database has a table with this name. The platform does not show its
        schema, so the module warns, and O(force) overrides this.
options:
  database:
    description:
      - Name of the database.
    type: str
    required: true
  schema:
    description:
      - Name of the schema, in upper or lower case.
    type: str
    required: true
  table:
    description:
      - Name of the table, in upper or lower case.
    type: str
    required: true
  undrop:
    description:
      - Whether to restore a dropped table. If it was dropped several times, the last drop is undone. Mutually exclusive
        with O(time).
    type: bool
    default: false
  time:
    description:
      - Point in time to flash back to, such as V(2026-01-05 08:00:00 UTC), or an age such as V(30m). A time without an
        offset is UTC. The platform has a tolerance of 3 seconds.
    type: str
  discard_later_changes:
    description:
      - Confirms that all changes to the table after O(time) are lost. Required if O(time) is given.
    type: bool
    default: false
  force:
    description:
      - With O(undrop=true), whether to send the request even if the database has a table with this name, possibly in
        another schema.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Restore a table that was dropped by mistake
  gaussdb.tpops.gaussdb_table_flashback:
    instance: orders-prod
    database: orders
    schema: shipping
    table: parcels
    undrop: true

- name: Flash back the table to before a wrong update
  gaussdb.tpops.gaussdb_table_flashback:
    instance: orders-prod
    database: orders
    schema: shipping
    table: parcels
    time: "{{ before_the_update }}"
    discard_later_changes: true
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
table:
  description: The table, and the point in time that it was flashed back to.
  returned: success
  type: dict
  contains:
    database:
      description: Name of the database.
      type: str
    schema:
      description: Name of the schema.
      type: str
    name:
      description: Name of the table.
      type: str
    time:
      description: The point in time in UTC. Empty with O(undrop=true).
      type: str
  sample:
    database: orders
    schema: shipping
    name: parcels
    time: 2026-01-05 08:00:00 UTC
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

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import database as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import DISTRIBUTED, list_instances
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.parameter import get_parameters
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr, Shape
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.period import read_given_moment_ms
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Hooks
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import as_bool, as_int

SWITCHES = ("enable_default_ustore_table", "enable_recyclebin")
# Number of tables to list. Without it the platform stops at 100.
ALL_TABLES = 1_000_000


def read_moment(ctx: Context) -> str | None:
    """Return the point in time in UTC, determined once, because an age would give a different time on each call."""
    given = ctx.params["time"]
    return ctx.cached("moment", lambda: times.utc(read_given_moment_ms(ctx, "time"))) if given else None


def check_instance(ctx: Context) -> None:
    if any(entry["mode"] == DISTRIBUTED for entry in ctx.items(list_instances(instance_id=ctx.parent.id))):
        raise TpopsError(
            f"Instance {ctx.parent.label} is distributed, and only tables of primary/standby instances can be flashed "
            "back"
        )
    values = {entry["name"]: entry["value"] for entry in ctx.items(get_parameters(ctx.parent.id))}
    kept = "undo_retention_time" if ctx.params["time"] else "recyclebin_retention_time"
    wrong = [f"{name} is {values[name]}" for name in SWITCHES if as_bool(values.get(name)) is False]
    wrong += [f"{kept} is 0"] if as_int(values.get(kept)) == 0 else []
    if wrong:
        raise TpopsError(
            f"Tables of instance {ctx.parent.label} cannot be flashed back: {', '.join(wrong)}. Set it with "
            "gaussdb_parameter"
        )


def is_existing(ctx: Context, database: str, table: str) -> bool:
    found = ctx.item(api.get_database_activity(ctx.parent.id, database, ALL_TABLES))
    return any(str(entry["table_name"]).lower() == table.lower() for entry in (found or {}).get("relations") or [])


def plan(ctx: Context, items: Sequence[Item]) -> list[Step]:
    database, schema, table, undrop = (ctx.params[name] for name in ("database", "schema", "table", "undrop"))
    if undrop == bool(ctx.params["time"]):
        raise InputError("time", "give either time or undrop=true")
    if not undrop and not ctx.params["discard_later_changes"]:
        problem = (
            f"all changes to {schema}.{table} after {read_moment(ctx)} would be lost; set discard_later_changes=true "
            "to accept this"
        )
        raise InputError("discard_later_changes", problem)
    if ctx.parent.id is not None:
        check_instance(ctx)
        if undrop and not ctx.params["force"] and is_existing(ctx, database, table):
            ctx.warn(
                f"Database {database} has a table {table}, which is assumed to be {schema}.{table}; use force=true to "
                "restore it anyway"
            )
            return []
    then = read_moment(ctx)
    moved = f"Flash back table {schema}.{table} of database {database} to {then}"
    summary = f"Restore dropped table {schema}.{table} of database {database}" if undrop else moved
    when = then.removesuffix(" UTC") if then else None
    return [Step(api.flashback_table(ctx.parent.id, database, schema, table, when), summary)]


def find_missing(ctx: Context, items: Sequence[Item]) -> dict[str, str]:
    """Check that a dropped table is restored. The rows of a table are not visible."""
    database, table = ctx.params["database"], ctx.params["table"]
    if not ctx.params["undrop"] or is_existing(ctx, database, table):
        return {}
    return {"": f"The platform accepted the request, but table {table} does not exist in database {database}"}


def build_result(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    table = {"database": ctx.params["database"], "schema": ctx.params["schema"], "name": ctx.params["table"]}
    return {"table": {**table, "time": read_moment(ctx)}}


TABLE = Shape(
    (
        Attr("database", doc="Name of the database."),
        Attr("schema", doc="Name of the schema."),
        Attr("name", doc="Name of the table."),
        Attr("time", doc="The point in time in UTC. Empty with O(undrop=true)."),
    ),
    sample={"database": "orders", "schema": "shipping", "name": "parcels", "time": "2026-01-05 08:00:00 UTC"},
)

SPEC = Action(
    name="table_flashback",
    parent=INSTANCE,
    fields=(
        *(Field(name, required=True, validate=checks.length(1, 63)) for name in ("database", "schema", "table")),
        Field("undrop", type="bool", default=False),
        Field("time", validate=times.check_past),
        Field("discard_later_changes", type="bool", default=False),
        Field("force", type="bool", default=False),
    ),
    steps=plan,
    shortfall=find_missing,
    # Repeating a flashback to the same time loses only changes that the task may discard.
    sees_writes=True,
    hooks=Hooks(result=build_result),
    also_returns=(
        Attr(
            "table",
            kind="dict",
            shape=TABLE,
            doc="The table, and the point in time that it was flashed back to.",
            returned="success",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
