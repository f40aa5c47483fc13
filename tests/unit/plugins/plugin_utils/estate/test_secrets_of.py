# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which values of a description are secrets."""

from __future__ import annotations

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import expand
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import spec_of
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.secrets import secrets_of, texts_of


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
    found = {secret for task in expand(estate) for secret in secrets_of(spec_of(task.part), task.arguments)}
    assert found == {"of-defaults", "own", "root", "in-depth", "of-user", "of-role"}


def test_what_has_another_form_is_searched_too() -> None:
    assert list(texts_of({"a": ["b", None, {"c": 7}], "d": True, "e": ""})) == ["b", "7"]
    (task,) = expand({"instances": [{"name": "a", "root_password": ["x", {"y": "z"}]}]})
    assert set(secrets_of(spec_of(task.part), task.arguments)) == {"x", "z"}
