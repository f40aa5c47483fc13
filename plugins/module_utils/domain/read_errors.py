# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a failed read means if the platform's answer alone does not show it: hooks for ``on_read_error``.

Each raises a more precise error, or returns whether the object does not exist yet.
"""

from __future__ import annotations

from ..api.backup import get_backup_policy
from ..api.database import list_databases
from ..engine.checks import TEMPLATE_DATABASES
from ..engine.context import Context
from ..http.errors import ApiFailure, TpopsError

# Error codes of 4.2.1 and 4.2.5. A read has no value that could be wrong, so they say something about the instance.
_POLICY_REFUSED = "DBS.280125"
# Error codes that 4.11.2 may return for a key that was never set.
_UNSET = (400, 404)


def explain_missing_database(ctx: Context, error: TpopsError) -> bool:
    """Return whether the database of the task does not exist. Only the list of databases shows this reliably.

    True in check mode, with a warning: an earlier task may create it. Otherwise raises ``NotFound``.
    Template databases are not in the list and always exist.
    """
    name = ctx.params["database"]
    if error.code is None or name in TEMPLATE_DATABASES:
        return False
    return ctx.find("database", "database", name, list_databases(ctx.parent.id)) is None


def is_never_set(ctx: Context, error: TpopsError) -> bool:
    """Return whether a key of the extended information was never set. A missing instance is a different error."""
    return isinstance(error, ApiFailure) and error.status in _UNSET


def is_on_xbsa(ctx: Context, instance_id: str | None) -> bool:
    """Return whether an instance backs up to an XBSA medium. The platform only shows this by having no policy for
    it."""
    try:
        ctx.item(get_backup_policy(instance_id))
    except TpopsError as error:
        if not is_policy_refused(error):
            raise
        return True
    return False


def is_policy_refused(error: Exception) -> bool:
    """Return whether a read failed because this type of instance has no backup policy: the hook ``missing``."""
    return isinstance(error, TpopsError) and error.code == _POLICY_REFUSED


def explain_no_backup_policy(ctx: Context, error: TpopsError) -> bool:
    """Raise a precise error if this type of instance has no backup policy."""
    if not is_policy_refused(error):
        return False
    raise TpopsError(
        f"Instance {ctx.parent.label} has no backup policy: {error}",
        code=error.code,
        status=error.status,
        operation=error.operation,
        trace_id=error.trace_id,
        hint="Instances with XBSA backups have none: their backup system schedules the backups.",
    )
