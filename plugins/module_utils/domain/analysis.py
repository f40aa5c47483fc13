# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shared code of the modules that analyse the use of tables and indexes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..api.analysis import analyze
from ..api.operation import Call, Operation
from ..engine.compare import filter_equal
from ..engine.context import Context
from ..engine.options import Field
from ..engine.spec import Find, Info
from ..util import times
from .parent import INSTANCE
from .period import read_period


def build_analysis_spec(plural: str, operation: Operation, filters: Sequence[str], order_by: Sequence[str]) -> Info:
    """Return the spec of a module: ``filters`` are options that compare an attribute, ``order_by`` the attributes to
    sort by."""

    def read(ctx: Context) -> Call:
        start, end = read_period(ctx)
        return analyze(operation, ctx.parent.id, ctx.params["name"] or "", start, end)

    def select(ctx: Context, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rows = filter_equal(rows, **{name: ctx.params[name] for name in filters})
        key = ctx.params["order_by"]
        if key:
            # The values of one attribute are all numbers or all strings; missing ones come first.
            rows.sort(key=lambda row: (row[key] is not None, row[key]), reverse=ctx.params["descending"])
        return rows

    fields = (
        Field("name"),
        *(Field(name) for name in filters),
        Field("since", default="1d", validate=times.check_past),
        Field("until", default="now", validate=times.check_past),
        Field("order_by", choices=order_by),
        Field("descending", type="bool", default=False),
    )
    return Info(
        plural=plural, parent=INSTANCE, fields=fields, find=Find(read=read, select=select), returns=operation.shape
    )
