# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates and keys that the platform expects in Base64."""

from __future__ import annotations

import base64
import binascii
from typing import Any

_BEGIN = "-----BEGIN"
_LONGEST = 65536


def base64_of(text: str) -> str:
    """Return text in Base64."""
    return base64.b64encode(text.encode()).decode()


def encode_pem(text: str) -> str:
    """Return PEM text in Base64; other text is assumed to be encoded already."""
    return base64_of(text) if text.lstrip().startswith(_BEGIN) else text


def check_pem_or_base64(value: Any) -> str | None:
    """Check a certificate or a key; the message does not contain its content."""
    text = str(value)
    if not text.lstrip().startswith(_BEGIN) and not _is_base64(text):
        return "neither PEM text nor Base64"
    size = len(encode_pem(text))
    return None if size <= _LONGEST else f"{size} characters long in Base64; allowed are {_LONGEST}"


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError):
        return False
