# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the platform's error codes mean to this collection (reference: appendix A.3).

``HINTS`` says for every code of the appendix what a person can do about it. The sets sort the codes that change what
the client does. Codes from the sister API that the appendix does not list are in the sets only.
"""

from __future__ import annotations

# The object is busy for a while: the same request works later. Usually HTTP 409, some come with 400.
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

# The status of the instance, or of its nodes, does not allow the operation. That may pass by itself, or not.
STATUS_CODES = frozenset({"DBS.200079", "DBS.216009", "DBS.280011", "DBS.280660", "DBS.06013003", "DBS.06025017"})

# The object that the request names does not exist, although the HTTP status is seldom 404. DBS.280005 is not here: it
# is the answer for a deleted throttling task, but for every other failure inside the server too.
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

# A value of the request is wrong, or of the wrong type: nothing was done.
PARAMETER_CODES = frozenset({"DBS.200001", "DBS.280001"})

# The platform does not accept the token; the usual sign of it is HTTP 401.
TOKEN_REFUSED_CODES = frozenset({"DBS.00110006"})

HINTS: dict[str, str] = {
    "DBS.00100001": "Delete alarm templates that are no longer used, then create the new one.",
    "DBS.00100002": "Choose another name, or manage the alarm template that has this name already.",
    "DBS.00100003": "Check the filters of the alarm template query.",
    "DBS.00100004": "Give the instances that use the alarm template another one before deleting it.",
    "DBS.00100005": "The more severe the alarm level, the higher its threshold has to be.",
    "DBS.00100006": "Narrow the time range or the filters so that fewer alarm records are exported.",
    "DBS.00100007": "Check the filters and the time range of the alarm query.",
    "DBS.00110006": "Get a new token, and check that the endpoint is the address of the platform itself.",
    "DBS.00110007": "Use a platform user whose role allows this operation.",
    "DBS.05000008": "The instance runs the target version already; nothing is left to upgrade.",
    "DBS.06013001": "Check the type of the WDR report.",
    "DBS.06013002": "This cannot be done on a disaster recovery standby; run it on the primary instance.",
    "DBS.06013003": (
        "Check that the instance is healthy and that snapshots exist for the period, then collect the WDR report again."
    ),
    "DBS.06013004": "Turn WDR snapshots on for the instance first.",
    "DBS.06025010": "The number of hosts does not fit the deployment mode of the instance.",
    "DBS.06025011": "Choose hosts with the same operating system.",
    "DBS.06025012": "Choose hosts of the same type.",
    "DBS.06025013": "Do not mix hosts of different architectures in one instance.",
    "DBS.06025014": "Choose hosts whose CPUs come from the same vendor.",
    "DBS.06025015": "An instance uses this host already; choose a free one.",
    "DBS.06025016": "The agents run the target version already; nothing is left to upgrade.",
    "DBS.06025017": "Check the state of the instance and of its nodes, then run the agent upgrade again.",
    "DBS.06025024": "Shorten or lengthen the name of the host or data center to what the option documents.",
    "DBS.06025025": "Shorten the description of the host or data center.",
    "DBS.06025026": "Use an SSH port between 1 and 65535 that the platform does not use itself.",
    "DBS.06025027": "The same host stands more than once in the list; compare names and IP addresses.",
    "DBS.06025028": (
        "The host cannot be changed in its present state; see whether an instance uses it or it is being initialized."
    ),
    "DBS.06025029": (
        "The host cannot be removed in its present state; see whether an instance uses it or it is being initialized."
    ),
    "DBS.06025030": "Remove the hosts of the data center first, or move them to another one.",
    "DBS.06025031": "Check the name or ID of the host.",
    "DBS.06025043": "Check that the host has the network interfaces for its management, data and service addresses.",
    "DBS.06025044": (
        "Look at the standardization check of the host for what went wrong, correct it, and add the host again."
    ),
    "DBS.06025046": "Choose hosts with the same disk type.",
    "DBS.06025047": "Another platform manages this host; take it out there first.",
    "DBS.06025048": (
        "Check that the host can reach the platform, and that the agent package has been uploaded to the platform."
    ),
    "DBS.06025058": "Check the name or ID of the data center.",
    "DBS.06025059": "A data center of this name exists already; use another name, or manage the one that exists.",
    "DBS.06025060": "The data center cannot be changed while it is in use.",
    "DBS.06025061": "Look at the standardization check of the host, correct what it reports, and try again.",
    "DBS.06025062": "Check the IP addresses of the host, and routes and firewalls between the platform and the host.",
    "DBS.06025063": "Check the password or key pair of the host's root user, its SSH port, and the sshd configuration.",
    "DBS.06025064": "Check disk space, permissions and the agent log on the host, then try again.",
    "DBS.06025067": "The availability zone of each node has to be called exactly like the data center of its host.",
    "DBS.06280028": "Take an instance out of intelligent O&M before adding another one.",
    "DBS.200001": "Check the values of the options against the documentation of the module.",
    "DBS.200002": "Check the name or ID of the instance.",
    "DBS.200006": "The request needs a body; if a module sent it, please report this as a bug.",
    "DBS.200019": (
        "Another operation runs on the instance, or the instance is faulty: look at its status, or raise busy_timeout."
    ),
    "DBS.200021": "Choose an instance name with the length and characters that the option documents.",
    "DBS.200025": "Check the availability zones against the data centers of the platform.",
    "DBS.200029": "Check username and password; too many failed logins can lock the account.",
    "DBS.200044": "Check the name or ID, and whether the platform user may see the object.",
    "DBS.200052": "Choose a password for the database's root user that meets the rules of the option.",
    "DBS.200062": (
        "Choose a name that meets the rules of the option and does not belong to a database administrator account."
    ),
    "DBS.200068": (
        "Choose a stronger password: longer, with upper and lower case letters, digits and special characters."
    ),
    "DBS.200079": "Bring the instance back to a normal state first; a faulty one cannot switch over.",
    "DBS.200475": "Choose a password that differs from the present one.",
    "DBS.200476": "Choose a password that is not the present one spelt backwards.",
    "DBS.200602": "Check the name or ID of the instance.",
    "DBS.200751": "Check the name or ID of the backup; it may have been removed by its retention policy.",
    "DBS.200818": "See whether the database user still owns objects or is used by a connection.",
    "DBS.200821": "Check that the database user, the database and the schema exist, and that the privilege fits them.",
    "DBS.200824": "Check the name of the database user.",
    "DBS.200856": "Choose an engine version that the platform offers.",
    "DBS.201202": (
        "Another operation runs on the instance, or the instance is faulty: look at its status, or raise busy_timeout."
    ),
    "DBS.201218": "Only manual backups can be deleted like this; automatic ones follow the backup policy.",
    "DBS.216009": "Wait until the status of the instance allows the operation, or repair the instance.",
    "DBS.216011": "Wait until the nodes of the instance are healthy, or repair them.",
    "DBS.216030": "Check the ID of the node: it does not belong to this instance.",
    "DBS.280001": "Check the values of the options against the documentation of the module.",
    "DBS.280005": "The platform failed inside; try again, and give its administrators the trace ID if it stays.",
    "DBS.280011": "Bring the instance to a normal state first.",
    "DBS.280012": "Wait until the running operation of the instance has ended, then start the upgrade again.",
    "DBS.280125": "Check the retention, the period and the start time of the backup policy.",
    "DBS.280236": "Check the format of the engine version, and whether the platform offers it.",
    "DBS.280404": "Check the instance ID: it does not have the format of one.",
    "DBS.280439": "Ask for at most 100 records at a time.",
    "DBS.280657": "Check that the upgrade type and the upgrade action fit together.",
    "DBS.280658": "Check the availability zones of the grey upgrade against those of the instance.",
    "DBS.280659": "Check the number of shards of the grey upgrade against that of the instance.",
    "DBS.280660": "Look at the status of the instance; all nodes have to be healthy for a grey upgrade.",
    "DBS.301147": "Start enough nodes for a majority of each shard.",
    "DBS.6013005": "More than one availability zone still works; the operation is meant for the loss of all but one.",
    "DBS.6013035": "Choose another name for the SQL patch.",
    "DBS.6013036": "Choose a valid name for the SQL patch.",
    "DBS.6013037": "Check the hint text of the SQL patch.",
    "DBS.6013038": "Check the statement and the content of the SQL patch.",
    "DBS.6025033": "Check the type of the operation for the failed availability zone.",
    "DBS.6025117": "Check the password of the database user.",
}


def same_code(code: str | None) -> str:
    """Return a code in the one spelling used for comparing: upper case, no zeros after the dot.

    The appendix writes some codes with leading zeros and others of the same family without.
    """
    family, dot, number = (code or "").strip().upper().partition(".")
    return family + dot + (number.lstrip("0") or number)


def code_in(code: str | None, codes: frozenset[str]) -> bool:
    """Return whether the code is one of the set, however its zeros are written."""
    return bool(code) and same_code(code) in {same_code(item) for item in codes}


def hint_for(code: str | None) -> str | None:
    """Return what a person can do about the code, or ``None`` for a code that the appendix does not list."""
    return _HINTS_BY_SAME_CODE.get(same_code(code))


_HINTS_BY_SAME_CODE = {same_code(code): hint for code, hint in HINTS.items()}
