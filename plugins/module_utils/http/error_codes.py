# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the platform's error codes mean to this collection (reference: appendix A.3).

``HINTS`` has advice for every code of the appendix. The sets group the codes that change what the client does. Codes
from the sister API that the appendix does not list are only in the sets.
"""

from __future__ import annotations

# The object is busy: the same request works later. Usually HTTP 409, some come with 400.
BUSY_CODES = frozenset(
    {
        "DBS.200019",
        "DBS.200047",
        "DBS.201014",
        "DBS.201015",
        "DBS.201202",
        "DBS.216011",
        "DBS.280012",
        "DBS.05000084",
    }
)

# The status of the instance, or of its nodes, does not allow the operation. This may be transient or permanent.
STATUS_CODES = frozenset({"DBS.200079", "DBS.216009", "DBS.280011", "DBS.280660", "DBS.06013003", "DBS.06025017"})

# The requested object does not exist; the HTTP status is rarely 404. DBS.280005 is not included: it is the answer for a
# deleted throttling task, but also for every other internal failure.
NOT_FOUND_CODES = frozenset(
    {
        "DBS.200002",
        "DBS.200602",
        "DBS.200751",
        "DBS.200823",
        "DBS.200824",
        "DBS.216030",
        "DBS.06010013",
        "DBS.06020105",
        "DBS.06025031",
        "DBS.06025058",
    }
)

PERMISSION_CODES = frozenset({"DBS.00110007", "DBS.200044"})

# The user name or the password is wrong.
LOGIN_REFUSED_CODES = frozenset({"DBS.200029"})

# A value of the request is wrong or has the wrong type: nothing was done.
PARAMETER_CODES = frozenset({"DBS.200001", "DBS.280001"})

# The platform rejects the token, usually with HTTP 401.
TOKEN_REFUSED_CODES = frozenset({"DBS.00110006"})

HINTS: dict[str, str] = {
    "DBS.00100001": "Delete alarm templates that are no longer used, then create the new one.",
    "DBS.00100002": "Choose another name, or manage the existing alarm template with this name.",
    "DBS.00100003": "Check the filters of the alarm template query.",
    "DBS.00100004": "Assign another alarm template to the instances that use this one before deleting it.",
    "DBS.00100005": "A more severe alarm level needs a higher threshold.",
    "DBS.00100006": "Narrow the time range or the filters so that fewer alarm records are exported.",
    "DBS.00100007": "Check the filters and the time range of the alarm query.",
    "DBS.00110006": "Get a new token, and check that the endpoint is the address of the platform itself.",
    "DBS.00110007": "Use a platform user whose role allows this operation.",
    "DBS.05000008": "The instance already runs the target version.",
    "DBS.06013001": "Check the type of the WDR report.",
    "DBS.06013002": "This cannot be done on a disaster recovery standby; run it on the primary instance.",
    "DBS.06013003": (
        "Check that the instance is healthy and that snapshots exist for the period, then collect the WDR report again."
    ),
    "DBS.06013004": "Enable WDR snapshots for the instance first.",
    "DBS.06025010": "The number of hosts does not fit the deployment mode of the instance.",
    "DBS.06025011": "Choose hosts with the same operating system.",
    "DBS.06025012": "Choose hosts of the same type.",
    "DBS.06025013": "Do not mix hosts of different architectures in one instance.",
    "DBS.06025014": "Choose hosts whose CPUs come from the same vendor.",
    "DBS.06025015": "The host is already used by an instance; choose a free one.",
    "DBS.06025016": "The agents already run the target version.",
    "DBS.06025017": "Check the state of the instance and of its nodes, then run the agent upgrade again.",
    "DBS.06025024": "Use a name of the length that the option documents for the host or data center.",
    "DBS.06025025": "Shorten the description of the host or data center.",
    "DBS.06025026": "Use an SSH port between 1 and 65535 that is not used by the platform.",
    "DBS.06025027": "A host is listed twice; compare names and IP addresses.",
    "DBS.06025028": (
        "The host cannot be changed in its current state; check whether an instance uses it or it is being initialized."
    ),
    "DBS.06025029": (
        "The host cannot be removed in its current state; check whether an instance uses it or it is being initialized."
    ),
    "DBS.06025030": "Remove the hosts of the data center first, or move them to another one.",
    "DBS.06025031": "Check the name or ID of the host.",
    "DBS.06025043": "Check that the host has the network interfaces for its management, data and service addresses.",
    "DBS.06025044": ("Fix what the standardization check of the host reports, then add the host again."),
    "DBS.06025046": "Choose hosts with the same disk type.",
    "DBS.06025047": "Another platform manages this host; remove it there first.",
    "DBS.06025048": (
        "Check that the host can reach the platform, and that the agent package has been uploaded to the platform."
    ),
    "DBS.06025058": "Check the name or ID of the data center.",
    "DBS.06025059": "A data center with this name already exists; use another name, or manage the existing one.",
    "DBS.06025060": "The data center cannot be changed while it is in use.",
    "DBS.06025061": "Fix what the standardization check of the host reports, and try again.",
    "DBS.06025062": "Check the IP addresses of the host, and routes and firewalls between the platform and the host.",
    "DBS.06025063": "Check the password or key pair of the host's root user, its SSH port, and the sshd configuration.",
    "DBS.06025064": "Check disk space, permissions and the agent log on the host, then try again.",
    "DBS.06025067": "The availability zone of each node must have the same name as the data center of its host.",
    "DBS.06280028": "Remove an instance from intelligent O&M before adding another one.",
    "DBS.200001": "Check the values of the options against the documentation of the module.",
    "DBS.200002": "Check the name or ID of the instance.",
    "DBS.200006": "The request needs a body; if a module sent it, please report this as a bug.",
    "DBS.200019": (
        "Another operation runs on the instance, or it is faulty: check its status, or increase busy_timeout."
    ),
    "DBS.200021": "Choose an instance name with the length and characters that the option documents.",
    "DBS.200025": "Check the availability zones against the data centers of the platform.",
    "DBS.200029": "Check username and password; too many failed logins can lock the account.",
    "DBS.200044": "Check the name or ID, and whether the platform user has access to the object.",
    "DBS.200052": "Choose a password for the database's root user that meets the rules of the option.",
    "DBS.200062": (
        "Choose a name that meets the rules of the option and does not belong to a database administrator account."
    ),
    "DBS.200068": (
        "Choose a stronger password: longer, with upper and lower case letters, digits and special characters."
    ),
    "DBS.200079": "Bring the instance back to a normal state first; a faulty one cannot switch over.",
    "DBS.200475": "Choose a password that differs from the current one.",
    "DBS.200476": "Choose a password that is not the current one reversed.",
    "DBS.200602": "Check the name or ID of the instance.",
    "DBS.200751": "Check the name or ID of the backup; it may have been removed by its retention policy.",
    "DBS.200818": "Check whether the database user still owns objects or has open connections.",
    "DBS.200821": "Check that the database user, the database and the schema exist and that the privilege applies.",
    "DBS.200824": "Check the name of the database user.",
    "DBS.200856": "Choose an engine version that the platform offers.",
    "DBS.201202": (
        "Another operation runs on the instance, or it is faulty: check its status, or increase busy_timeout."
    ),
    "DBS.201218": "Only manual backups can be deleted; automatic ones follow the backup policy.",
    "DBS.216009": "Wait until the status of the instance allows the operation, or repair the instance.",
    "DBS.216011": "Wait until the nodes of the instance are healthy, or repair them.",
    "DBS.216030": "Check the ID of the node: it does not belong to this instance.",
    "DBS.280001": "Check the values of the options against the documentation of the module.",
    "DBS.280005": "Internal error of the platform; try again, or report the trace ID to its administrators.",
    "DBS.280011": "Bring the instance to a normal state first.",
    "DBS.280012": "Wait for the running operation of the instance to finish, then start the upgrade again.",
    "DBS.280125": "Check the retention, the period and the start time of the backup policy.",
    "DBS.280236": "Check the format of the engine version, and whether the platform offers it.",
    "DBS.280404": "Check the instance ID: its format is invalid.",
    "DBS.280439": "Ask for at most 100 records at a time.",
    "DBS.280657": "Check that the upgrade type and the upgrade action fit together.",
    "DBS.280658": "Check the availability zones of the grey upgrade against those of the instance.",
    "DBS.280659": "Check the number of shards of the grey upgrade against that of the instance.",
    "DBS.280660": "Check the status of the instance; all nodes must be healthy for a grey upgrade.",
    "DBS.301147": "Start enough nodes for a majority of each shard.",
    "DBS.6013005": "More than one availability zone still works; the operation is only for the loss of all but one.",
    "DBS.6013035": "Choose another name for the SQL patch.",
    "DBS.6013036": "Choose a valid name for the SQL patch.",
    "DBS.6013037": "Check the hint text of the SQL patch.",
    "DBS.6013038": "Check the statement and the content of the SQL patch.",
    "DBS.6025033": "Check the type of the operation for the failed availability zone.",
    "DBS.6025117": "Check the password of the database user.",
}


def same_code(code: str | None) -> str:
    """Return a code in canonical form: upper case, no zeros after the dot.

    The appendix writes some codes with leading zeros and others of the same family without.
    """
    family, dot, number = (code or "").strip().upper().partition(".")
    return family + dot + (number.lstrip("0") or number)


def code_in(code: str | None, codes: frozenset[str]) -> bool:
    """Return whether the code is in the set, ignoring leading zeros."""
    return bool(code) and same_code(code) in {same_code(item) for item in codes}


def hint_for(code: str | None) -> str | None:
    """Return advice for the code, or ``None`` if the appendix does not list it."""
    return _HINTS_BY_SAME_CODE.get(same_code(code))


_HINTS_BY_SAME_CODE = {same_code(code): hint for code, hint in HINTS.items()}
