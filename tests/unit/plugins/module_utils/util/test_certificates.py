# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates as users have them, and as the platform expects them."""

from __future__ import annotations

import base64

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.util.certificates import (
    base64_of,
    check_pem_or_base64,
    encode_pem,
)

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def test_pem_is_encoded_and_what_is_encoded_stays() -> None:
    assert base64.b64decode(encode_pem(PEM)).decode() == PEM
    assert encode_pem(base64_of(PEM)) == base64_of(PEM)
    assert base64_of("") == ""


@pytest.mark.parametrize("text", [PEM, "\n" + PEM, base64_of(PEM), "QUJD\nREVG\n"])
def test_both_forms_are_accepted(text: str) -> None:
    assert check_pem_or_base64(text) is None


@pytest.mark.parametrize("text", ["", "not a key", "/etc/ca.pem", "QUJ", "hunter2!"])
def test_anything_else_is_refused_without_telling_it(text: str) -> None:
    assert check_pem_or_base64(text) == "neither PEM text nor Base64"


def test_the_limit_is_that_of_the_encoded_text() -> None:
    body = "-----BEGIN X-----\n"
    assert check_pem_or_base64(body + "a" * (49152 - len(body))) is None
    assert "65540 characters long" in (check_pem_or_base64(body + "a" * (49153 - len(body))) or "")
