# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rotation of the secrets of an instance: what is to be set, what depends on it, and what proves it.

A secret is staged in the user's vault before it is set on the platform, and becomes the current one after that. So what
is left to do follows from what the vault has staged: nothing else has to be remembered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.backup import CERTIFICATES, DIFFERENTIAL
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.database_user import BUILTIN_USERS
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.certificates import check_pem_or_base64
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.selection import described_instances

from .record import RUNNING

Data = Mapping[str, Any]

# The step of a record that sets passwords, and the name of the backup that proves the one of the backup user.
SET, PREFIX = "set_passwords", "rotation-"
FULL = "full"
# The option of an instance with the password of root.
ROOT, ROOT_OPTION = "root", "root_password"
MISSING = "is missing; it has to be empty if nothing is staged"
# What nobody may see of a certificate.
HIDDEN = ("client_key", "key_password")
# Stands for the ID of a key pair that check mode has not created.
NEW = "new"


def password_rotation(accounts: Sequence[str], staged: Any, certificate: Any = None) -> dict[str, Any]:
    """Return what to set, from what is ``staged``: a secret by account, ``""`` for one whose current secret is used.

    ``certificate`` has what is staged of the backup certificates, by option, or is empty; ``None`` if they are not
    rotated. ``builtin`` and ``users`` are for the modules and hold the secrets, ``secrets`` lists them. ``problems``
    are texts without secrets: with any of them, nothing may be set.
    """
    answers = staged if isinstance(staged, Mapping) else {}
    due = [name for name in accounts if answers.get(name)]
    passwords = {name: str(answers[name]) for name in due}
    problems = [f"{name}: {MISSING}" for name in accounts if name not in answers]
    problems += [f"{name}: {problem}" for name in due if (problem := _problem_of(name, answers[name]))]
    files = dict(certificate) if isinstance(certificate, Mapping) else {}
    problems += _problems_of_certificate(certificate)
    return {
        "due": due,
        "current": [name for name in accounts if name not in due],
        "builtin": {
            f"{prefix}_password": passwords[name] for prefix, name in BUILTIN_USERS.items() if name in passwords
        },
        "users": [
            {"name": name, "password": password}
            for name, password in passwords.items()
            if name not in BUILTIN_USERS.values()
        ],
        "certificate": files,
        "probed": bool(files) or BUILTIN_USERS["backup"] in passwords,
        "secrets": [*passwords.values(), *(str(files[name]) for name in HIDDEN if files.get(name))],
        "problems": problems,
    }


def _problem_of(name: str, secret: Any) -> str | None:
    """Return what is wrong with a secret, without the secret."""
    if not isinstance(secret, str):
        return "is not a text"
    if secret.lower() in (name.lower(), name[::-1].lower()):
        return "the name of the account, forwards or backwards"
    return checks.password(secret)


def _problems_of_certificate(certificate: Any) -> list[str]:
    if certificate is None or certificate == {}:
        return []
    if not isinstance(certificate, Mapping):
        return [f"the certificate: {MISSING}"]
    if lacking := [name for name in CERTIFICATES if not certificate.get(name)]:
        return [f"the certificate: {', '.join(lacking)} {MISSING}"]
    found = {name: check_pem_or_base64(certificate[name]) for name in CERTIFICATES if name != "key_password"}
    return [f"the certificate: {name} {problem}" for name, problem in found.items() if problem]


def probe_backup(
    backups: Sequence[Data], records: Sequence[Data], fresh: bool, has_full: bool, now: datetime
) -> dict[str, str]:
    """Return ``name`` and ``type`` of the backup that proves the password of the backup user.

    It is one that an interrupted run has made or begun after it has set the password, unless a ``fresh`` one is needed
    because this run has set another one. ``records`` are those of earlier runs, ``backups`` what the platform lists,
    each the newest first. A differential backup needs a full one.
    """
    began = [
        re.sub(r"\D", "", str(step["began"]))
        for record in records
        for step in record.get("steps") or ()
        if step["name"] == SET and step["outcome"] in ("changed", "failed", RUNNING)
    ]
    made = re.compile(rf"{PREFIX}(\d{{14}})")
    for each in backups if began and not fresh else ():
        found = made.fullmatch(str(each["name"]))
        if found and found[1] >= max(began) and each["status"] != "FAILED":
            return {"name": str(each["name"]), "type": DIFFERENTIAL if each["type"] == DIFFERENTIAL else FULL}
    return {"name": f"{PREFIX}{now:%Y%m%d%H%M%S}", "type": DIFFERENTIAL if has_full else FULL}


def rotation_bounds(
    accounts: Sequence[str], site: str, instance: str, estate: Data, relations: Sequence[Data], key_pair: str = ""
) -> dict[str, Any]:
    """Return what the descriptions of a platform and of relations say of the accounts of an instance.

    ``described`` are accounts with a password in the description, ``removed`` those that it does not have and allows no
    others, ``hosts`` the hosts of the platform with this key pair. ``relation_users`` are the accounts that a described
    relation of the instance was built with, ``None`` if none is described.
    """
    entry = described_instances(estate).get(instance, {})
    users = {str(each["name"]): each for each in entry.get("users") or () if each.get("state") != "absent"}
    own = [name for name in accounts if name not in BUILTIN_USERS.values()]
    described = [name for name in own if users.get(name, {}).get("password")]
    described += [ROOT] if ROOT in accounts and entry.get(ROOT_OPTION) else []
    default = (estate.get("host_defaults") or {}).get("key_pair")
    return {
        "described": described,
        "removed": [name for name in own if name not in users] if entry.get("users_exclusive") else [],
        "hosts": [
            str(each.get("name") or each.get("manage_ip"))
            for each in estate.get("hosts") or ()
            if key_pair and (each.get("key_pair") or default) == key_pair
        ],
        "relation_users": _relation_users(relations, site, instance),
    }


def _relation_users(relations: Sequence[Data], site: str, instance: str) -> list[str] | None:
    """Return the accounts of all members, because they may have changed their roles. One without a name has root."""
    for relation in relations:
        members = relation.get("members") or ()
        if any((each.get("site"), each.get("instance")) == (site, instance) for each in members):
            return sorted({str(each.get("username") or ROOT) for each in members})
    return None


def key_pair_rotation(
    hosts: Sequence[Data], addresses: Sequence[str], pairs: Sequence[Data], key_pair: str, old_key_pair: str
) -> dict[str, Any]:
    """Return which hosts are to get a key pair, from the ``hosts`` and the key ``pairs`` of a platform.

    ``addresses`` are the management addresses of an instance. The result has in ``addresses`` those whose hosts do not
    have the key pair yet, in ``hosts`` the same for the module, and in ``others`` the names of hosts of no concern here
    that still have the old key pair.
    """
    ids = {str(each["name"]): str(each["id"]) for each in pairs}
    desired, old = ids.get(key_pair, NEW), ids.get(old_key_pair)
    without = [
        str(each["manage_ip"])
        for each in hosts
        if each["manage_ip"] in addresses and (each["ssh_key_id"] or "") != desired
    ]
    return {
        "addresses": without,
        "hosts": [{"manage_ip": address, "ssh_key_id": desired} for address in without],
        "others": [
            str(each["name"])
            for each in hosts
            if old is not None and each["ssh_key_id"] == old and each["manage_ip"] not in addresses
        ],
    }
