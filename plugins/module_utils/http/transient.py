# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The status of an instance behind a rejection, which shows whether that is transient.

The platform uses the same codes while an instance restarts or is backed up, and after it was stopped or has failed
permanently. Only the status of the instance shows the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..api.instance import list_instances
from ..api.operation import Call
from ..util.values import lookup
from . import error_codes

# Where a call has the ID of the instance: most in the path, backups and restores in the body.
_IN_BODY = ("instance_id", "target.instance_id")


def status_behind(call: Call, code: str | None, read: Callable[[Call], list[dict[str, Any]]]) -> str | None:
    """Return the present status of the instance of a call that was rejected for its status.

    ``read`` lists objects; it is only called for codes about the status. Its exceptions are passed on.
    """
    if not error_codes.code_in(code, error_codes.STATUS_CODES):
        return None
    found = (call.path_args.get("instance_id"), *(lookup(call.body, name) for name in _IN_BODY))
    instance_id = next((str(value) for value in found if value), None)
    if instance_id is None:
        return None
    instances = read(list_instances(instance_id=instance_id))
    return next((each["status"] for each in instances if str(each["id"]) == instance_id), None)
