# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a rejection because of an instance's status is transient.

The platform uses the same codes while an instance restarts or is backed up, and after it was stopped or has failed
permanently. Only the status of the instance shows the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..api.instance import is_transient, list_instances
from ..api.operation import Call
from ..util.values import lookup
from . import error_codes

# Where a call has the ID of the instance: most in the path, backups and restores in the body.
_IN_BODY = ("instance_id", "target.instance_id")


def is_refused_for_now(call: Call, code: str | None, read: Callable[[Call], list[dict[str, Any]]]) -> bool:
    """Return whether a call was rejected for a transient status of its instance.

    ``read`` lists objects; it is only called for codes about the status. Its exceptions are passed on.
    """
    if not error_codes.code_in(code, error_codes.STATUS_CODES):
        return False
    found = (call.path_args.get("instance_id"), *(lookup(call.body, name) for name in _IN_BODY))
    instance_id = next((str(value) for value in found if value), None)
    if instance_id is None:
        return False
    return any(
        str(each["id"]) == instance_id and is_transient(each["status"])
        for each in read(list_instances(instance_id=instance_id))
    )
