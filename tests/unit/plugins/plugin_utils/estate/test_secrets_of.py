# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which values of a description are secrets."""

from __future__ import annotations

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.redact import MASK
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import Secrets
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reading import Reader
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.secrets import ManySecrets, texts_of


def secrets_of(estate: dict[str, Any]) -> set[str]:
    def never(template: Any) -> Any:
        raise AssertionError(template)

    return Reader({"estate": estate}, never, never, Secrets(part=""), reveal=True).read_variable("estate").secrets


def test_the_values_of_options_for_secrets_are_secrets_at_any_depth() -> None:
    restore = {"instance": "a", "xbsa": {"key_password": "in-depth"}}
    estate = {
        "host_defaults": {"os_root_password": "of-defaults"},
        "hosts": [{"name": "db-1"}, {"name": "db-2", "os_root_password": "own"}],
        "instances": [
            {
                "name": "a",
                "root_password": "root",
                "restore": restore,
                "users": [{"name": "app", "password": "of-user"}, {"name": "other"}],
                "roles": [{"name": "r", "password": "of-role"}],
            }
        ],
    }
    assert secrets_of(estate) == {"of-defaults", "own", "root", "in-depth", "of-user", "of-role"}


def test_what_has_another_form_is_searched_too() -> None:
    assert list(texts_of({"a": ["b", None, {"c": 7}], "d": True, "e": ""})) == ["b", "7"]
    assert secrets_of({"instances": [{"name": "a", "root_password": ["x", {"y": "z"}]}]}) == {"x", "z"}


def test_many_secrets_are_replaced_wherever_they_are() -> None:
    many = ManySecrets()
    many.add(["hunter2", "hunter2-long", 'with "quotes"', "ab", None])
    many.add([f"Secret-{number}" for number in range(20_000)])
    data = {"hunter2": ["it was hunter2-long", 7, None, "abc"], "b": 'x with "quotes" and with \\"quotes\\"'}
    assert many.censor(data) == {MASK: [f"it was {MASK}", 7, None, "abc"], "b": f"x {MASK} and {MASK}"}
    assert many.censor("Secret-19999 Secret-7x") == f"{MASK} {MASK}x"
    many.add(["later"])
    assert many.censor("or later") == f"or {MASK}"
    assert many.censor("") == "" and many.censor("la") == "la"
