# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What it means that a read failed, where the platform's answer alone does not say: hooks for ``on_read_error``.

Each raises an error that says more, or returns whether nothing is there yet.
"""

from __future__ import annotations

from ..api.backup import get_backup_policy
from ..api.database import list_databases
from ..engine.checks import TEMPLATE_DATABASES
from ..engine.context import Context
from ..http.errors import ApiFailure, TpopsError

# What 4.2.1 and 4.2.5 answer. In a read there is no value that could be wrong, so that it says something about the
# instance.
_POLICY_REFUSED = "DBS.280125"
# What 4.11.2 may answer for a key that was never set.
_UNSET = (400, 404)


def missing_database(ctx: Context, error: TpopsError) -> bool:
    """Tell whether the database of the task does not exist. Only the list of databases says so reliably.

    True in check mode, with a warning: an earlier task of the run may be going to make it. Raises
    :class:`errors.NotFound` otherwise. Template databases are not in the list, and are always there.
    """
    name = ctx.params["database"]
    if error.code is None or name in TEMPLATE_DATABASES:
        return False
    return ctx.find("database", "database", name, list_databases(ctx.parent.id)) is None


def never_set(ctx: Context, error: TpopsError) -> bool:
    """Tell whether a key of the extended information was never set. That the instance does not exist is another
    error."""
    return isinstance(error, ApiFailure) and error.status in _UNSET


def on_xbsa(ctx: Context, instance_id: str | None) -> bool:
    """Tell whether an instance backs up to an XBSA medium. The platform shows it only by having no policy for it."""
    try:
        ctx.item(get_backup_policy(instance_id))
    except TpopsError as error:
        if not is_policy_refused(error):
            raise
        return True
    return False


def is_policy_refused(error: Exception) -> bool:
    """Tell whether a read failed because the instance is of the kind that has no backup policy: the hook
    ``missing``."""
    return isinstance(error, TpopsError) and error.code == _POLICY_REFUSED


def no_backup_policy(ctx: Context, error: TpopsError) -> bool:
    """Say it where the instance is of the kind that has no backup policy."""
    if not is_policy_refused(error):
        return False
    raise TpopsError(
        f"Instance {ctx.parent.label} has no backup policy: {error}",
        code=error.code,
        status=error.status,
        operation=error.operation,
        trace_id=error.trace_id,
        hint="Instances with XBSA backups have none: their backup system decides when they are backed up.",
    )
