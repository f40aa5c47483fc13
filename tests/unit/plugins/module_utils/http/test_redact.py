# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets are not shown in output."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.redact import (
    MASK,
    Redactor,
    find_secret_values,
    is_secret_name,
)


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "db_user_password",
        "os_root_pwd",
        "manage_userpass",
        "rand_pass",
        "x_mini_token",
        "client_key",
        "privateKey",
        "private_key",
        "secret",
        "admin_passwd",
        "passwords",
        "passphrase",
    ],
)
def test_secret_names(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["key", "ssh_key_id", "sort_key", "name", "password_expiration_days", "rolpassworddeadline", "pass_rate"]
)
def test_other_names(name: str) -> None:
    assert not is_secret_name(name)


def test_secret_values_at_any_depth() -> None:
    body = {
        "hosts": [{"name": "h1", "os_root_pwd": "one"}, {"os_root_pwd": None}],
        "passwords": ["two", {"root": "three"}],
        "token": 4,
    }
    assert list(find_secret_values(body)) == ["one", "two", "three"]


def test_censors_text_lists_and_keys() -> None:
    redactor = Redactor()
    redactor.add(["s3cret", "s3cret-longer", None, "", "ab"])
    assert redactor.censor("s3cret-longer is not s3cret, ab") == f"{MASK} is not {MASK}, ab"
    assert redactor.censor({"s3cret": ["x s3cret", 5, ("s3cret",)], "n": None}) == {
        MASK: [f"x {MASK}", 5, [MASK]],
        "n": None,
    }


def test_censors_the_spellings_of_a_secret() -> None:
    secret = 'p"ä\\ /w'
    redactor = Redactor()
    redactor.add([secret])
    for text in (
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe=""),
    ):
        assert redactor.censor(f"<{text}>") == f"<{MASK}>"
