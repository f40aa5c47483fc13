# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.modules.gaussdb_api import merged


@pytest.mark.parametrize(
    ("body", "secret", "whole"),
    [
        (None, None, None),
        ({"a": 1}, None, {"a": 1}),
        (None, {"password": "x"}, {"password": "x"}),
        ({"a": {"b": 1}}, {"a": {"c": 2}, "d": 3}, {"a": {"b": 1, "c": 2}, "d": 3}),
        ({"hosts": [{"ip": 1}, {"ip": 2}]}, {"hosts": [{"pwd": "x"}]}, {"hosts": [{"ip": 1, "pwd": "x"}, {"ip": 2}]}),
        ({"hosts": [{"ip": 1}]}, {"hosts": [None, {"pwd": "x"}]}, {"hosts": [{"ip": 1}, {"pwd": "x"}]}),
        ({"a": 1}, {"a": 0}, {"a": 0}),
    ],
)
def test_the_secret_body_is_merged_into_the_body(body: Any, secret: Any, whole: Any) -> None:
    assert merged(body, secret) == whole
