# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a rotation of secrets sets, which backup proves it, and what descriptions say of it."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.passwords import (
    key_pair_rotation,
    password_rotation,
    probe_backup,
    rotation_bounds,
)

SECRET = "Good-Secret-1"
PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
CERTIFICATE = {"ca_cert": PEM, "client_cert": PEM, "client_key": PEM, "key_password": "k"}
NOW = datetime(2026, 11, 26, 8, tzinfo=timezone.utc)


def test_each_account_goes_to_its_module() -> None:
    staged = {"root": SECRET, "rdsBackup": "Other-Secret-1", "clerk": "Third-Secret-1", "report": "", "other": "x"}
    found = password_rotation(["clerk", "root", "report", "rdsBackup"], staged)
    assert found == {
        "due": ["clerk", "root", "rdsBackup"],
        "current": ["report"],
        "builtin": {"backup_password": "Other-Secret-1", "root_password": SECRET},
        "users": [{"name": "clerk", "password": "Third-Secret-1"}],
        "certificate": {},
        "probed": True,
        "secrets": ["Third-Secret-1", SECRET, "Other-Secret-1"],
        "problems": [],
    }


@pytest.mark.parametrize("nothing", ["", None])
def test_what_is_not_staged_is_left_alone(nothing: Any) -> None:
    found = password_rotation(["root"], {"root": nothing}, {})
    assert (found["due"], found["builtin"], found["secrets"], found["problems"]) == ([], {}, [], [])


@pytest.mark.parametrize(
    ("staged", "problem"),
    [
        ({}, "clerk: is missing"),
        ("Good-Secret-1", "clerk: is missing"),
        ({"clerk": 12345678}, "clerk: is not a text"),
        ({"clerk": "weakweakweak"}, "clerk: too weak"),
        ({"clerk": "With space 1"}, "clerk: holds a character"),
        ({"clerk": "Clerk_12"}, None),
    ],
)
def test_what_may_not_be_set(staged: Any, problem: str | None) -> None:
    problems = password_rotation(["clerk"], staged)["problems"]
    assert [each.startswith(problem or "") for each in problems] == ([True] if problem else [])
    # A problem never has the secret.
    assert isinstance(staged, str) or not any(str(secret) in json.dumps(problems) for secret in staged.values())


@pytest.mark.parametrize("name", ["Clerk_123", "321_krelC"])
def test_the_name_of_the_account_is_no_secret(name: str) -> None:
    assert password_rotation(["Clerk_123"], {"Clerk_123": name})["problems"] == [
        "Clerk_123: the name of the account, forwards or backwards"
    ]


def test_certificates_are_staged_together() -> None:
    found = password_rotation([], {}, CERTIFICATE)
    assert (found["certificate"], found["probed"], found["problems"]) == (CERTIFICATE, True, [])
    assert found["secrets"] == [PEM, "k"]
    found = password_rotation([], {}, {})
    assert (found["certificate"], found["probed"], found["problems"]) == ({}, False, [])


@pytest.mark.parametrize(
    ("certificate", "problem"),
    [
        ("", "the certificate: is missing"),
        ({"ca_cert": PEM}, "the certificate: client_cert, client_key, key_password is missing"),
        (CERTIFICATE | {"client_key": "no key!"}, "the certificate: client_key neither PEM text nor Base64"),
    ],
)
def test_certificates_that_may_not_be_installed(certificate: Any, problem: str) -> None:
    (found,) = password_rotation([], {}, certificate)["problems"]
    assert found.startswith(problem)


def record(began: str, outcome: str = "changed") -> dict[str, Any]:
    return {"steps": [{"name": "set_passwords", "began": began, "outcome": outcome}]}


def backup(stamp: str, status: str = "COMPLETED") -> dict[str, Any]:
    return {"name": f"rotation-{stamp}", "status": status, "type": "differential"}


OLD, YOUNG, NEW = "20261126060000", "20261126070000", "20261126080000"
AT = "2026-11-26T07:00:00Z"


@pytest.mark.parametrize(
    ("backups", "records", "fresh", "expected"),
    [
        ([], [], False, NEW),
        ([backup(YOUNG)], [record(AT)], False, YOUNG),
        ([backup(YOUNG, "BUILDING")], [record(AT, "running")], False, YOUNG),
        # It failed, is older than the password, or this run has set another one.
        ([backup(YOUNG, "FAILED")], [record(AT)], False, NEW),
        ([backup(OLD)], [record(AT)], False, NEW),
        ([backup(YOUNG)], [record(AT)], True, NEW),
        # What set nothing does not make a backup old, and without a record nothing is known.
        ([backup(OLD)], [record(AT, "ok"), record("2026-11-26T05:00:00Z")], False, OLD),
        ([backup(YOUNG)], [], False, NEW),
        ([{"name": "nightly", "status": "COMPLETED", "type": "manual"}], [record(AT)], False, NEW),
    ],
)
def test_a_backup_that_proves_the_password(
    backups: list[dict[str, Any]], records: list[dict[str, Any]], fresh: bool, expected: str
) -> None:
    found = probe_backup(backups, records, fresh, True, NOW)
    assert found == {"name": f"rotation-{expected}", "type": "differential"}


def test_a_differential_backup_needs_a_full_one() -> None:
    assert probe_backup([], [], False, False, NOW) == {"name": f"rotation-{NEW}", "type": "full"}
    # The proof itself may be the only full one.
    full = backup(YOUNG) | {"type": "manual"}
    assert probe_backup([full], [record(AT)], False, True, NOW) == {"name": f"rotation-{YOUNG}", "type": "full"}


ESTATE = {
    "host_defaults": {"key_pair": "ssh-1"},
    "hosts": [{"name": "db-1"}, {"manage_ip": "192.0.2.2", "key_pair": "ssh-1"}, {"name": "db-3", "key_pair": "ssh-3"}],
    "instances": [
        {
            "name": "orders",
            "root_password": "x",
            "users": [{"name": "clerk", "password": "x"}, {"name": "plain"}, {"name": "gone", "state": "absent"}],
            "users_exclusive": True,
        },
        {"name": "billing", "users": [{"name": "clerk"}]},
    ],
}
MEMBERS = [{"site": "a", "instance": "orders", "username": "dr"}, {"site": "b", "instance": "orders-dr"}]


def test_what_is_described() -> None:
    accounts = ["root", "rdsRepl", "clerk", "plain", "gone", "new"]
    found = rotation_bounds(accounts, "a", "orders", ESTATE, [{"members": MEMBERS}], "ssh-1")
    assert found == {
        "described": ["clerk", "root"],
        "removed": ["gone", "new"],
        "hosts": ["db-1", "192.0.2.2"],
        "relation_users": ["dr", "root"],
    }
    found = rotation_bounds(accounts, "b", "billing", ESTATE, [{"members": MEMBERS}, {}])
    assert found == {"described": [], "removed": [], "hosts": [], "relation_users": None}
    assert rotation_bounds(["root"], "a", "orders", {}, [])["described"] == []


HOSTS = [
    {"name": "db-1", "manage_ip": "192.0.2.1", "ssh_key_id": "k1"},
    {"name": "db-2", "manage_ip": "192.0.2.2", "ssh_key_id": "k2"},
    {"name": "db-3", "manage_ip": "192.0.2.3", "ssh_key_id": None},
    {"name": "db-9", "manage_ip": "192.0.2.9", "ssh_key_id": "k1"},
]
OWN = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]


def test_which_hosts_get_a_key_pair() -> None:
    pairs = [{"name": "ssh-1", "id": "k1"}, {"name": "ssh-2", "id": "k2"}]
    found = key_pair_rotation(HOSTS, OWN, pairs, "ssh-2", "ssh-1")
    assert found == {
        "addresses": ["192.0.2.1", "192.0.2.3"],
        "hosts": [{"manage_ip": "192.0.2.1", "ssh_key_id": "k2"}, {"manage_ip": "192.0.2.3", "ssh_key_id": "k2"}],
        "others": ["db-9"],
    }
    # In check mode the new one does not exist yet.
    found = key_pair_rotation(HOSTS, OWN, pairs[:1], "ssh-2", "ssh-1")
    assert [each["ssh_key_id"] for each in found["hosts"]] == ["new"] * 3
    # The old one is removed already.
    assert key_pair_rotation(HOSTS, OWN, pairs[1:], "ssh-2", "ssh-1")["others"] == []
