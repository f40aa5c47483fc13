# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Describes a running platform inside the controller, as a tree of files: one task, several connections, no write to
the platform."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible.errors import AnsibleError
from ansible.utils.display import Display

from ansible_collections.gaussdb.tpops.plugins.action.gaussdb_api import ActionModule as ModuleAction
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import EXTENSION_KEYS
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.arguments import prepare_arguments
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.checks import between
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import (
    CONNECTION,
    Field,
    build_argument_spec,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import HAS_REQUESTS, Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.redact import find_secret_values
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.printable import LONGEST_MESSAGE, printable
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.export import Export, export_platform
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.export_files import FolderChange, put_export
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.limit import Limit
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reads import (
    LimitedClient,
    SharedReads,
    SharedToken,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.secrets import ManySecrets

FIELDS = (
    *CONNECTION,
    Field("dest", type="path", required=True),
    Field("instances", type="list", elements="str", default=[]),
    Field("connections", type="int", default=10, validate=between(1, 100)),
    Field("extension_keys", type="list", elements="str", default=list(EXTENSION_KEYS), no_log=False),
)

display = Display()


class ActionModule(ModuleAction):
    """One run exports one platform."""

    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super(ModuleAction, self).run(tmp, task_vars)
        variables = task_vars or {}
        # The host of an instance has the name of its platform.
        site = str(variables.get("gaussdb_site") or variables.get("inventory_hostname", ""))
        with self._environment():
            try:
                _validation, arguments = self.validate_argument_spec(argument_spec=build_argument_spec(FIELDS))
                arguments = prepare_arguments(FIELDS, arguments)
                self._check()
                return {**result, **self._export(arguments, site)}
            except TpopsError as error:
                return {**result, "failed": True, **error.as_result()}
            except AnsibleError as error:
                return {**result, "failed": True, "msg": str(error)}

    def _check(self) -> None:
        if not HAS_REQUESTS:
            raise TpopsError("The Python library requests is required but not installed", hint="Install it.")
        if self._connection.transport != "local":
            raise TpopsError(f"An export needs a local connection, not {self._connection.transport}")

    def _export(self, arguments: Mapping[str, Any], site: str) -> dict[str, Any]:
        redactor = ManySecrets()
        connection = {each.name: arguments[each.name] for each in CONNECTION}
        redactor.add(find_secret_values(connection))
        known = Connection(**connection)
        limit, token = Limit(arguments["connections"]), SharedToken(known.token_cache)
        reads = SharedReads(lambda: LimitedClient(known, limit, token))
        try:
            # The threads cannot each have filters of their own, which a request without verification needs.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                reads.login()
                options = {"threads": arguments["connections"], "extension_keys": arguments["extension_keys"]}
                found = export_platform(reads, arguments["instances"], **options)
        finally:
            reads.close()
        found = replace(found, files=redactor.censor(found.files))
        whole = not arguments["instances"]
        change = put_export(arguments["dest"], site, found, whole, dry_run=self._task.check_mode)
        outcome = _outcome(found, change, arguments["dest"], site)
        if self._task.diff:
            outcome["diff"] = change.diffs
        if not self._task.no_log:
            for line in _told(found, outcome["msg"]):
                display.display(printable(line, LONGEST_MESSAGE))
        outcome = {**outcome, "reads": dict(sorted(reads.counts.items())), "warnings": reads.warnings}
        return dict(redactor.censor(outcome))


def _outcome(found: Export, change: FolderChange, folder: str, site: str) -> dict[str, Any]:
    lines = [f"{site}: {_many(found.instances, 'instance')} in {folder}, {_many(change.written, 'file')} written"]
    if change.removed:
        lines.append(f"{len(change.removed)} removed")
    if found.failures:
        lines.append(f"{_many(found.failures, 'part')} not read, so {_many(found.unread, 'file')} left as before")
    return {
        "changed": change.changed,
        "failed": bool(found.failures),
        "msg": ", ".join(lines),
        "dest": folder,
        "instances": found.instances,
        "matched": found.matched,
        "written": change.written,
        "removed": change.removed,
        "secrets": found.secrets,
        "not_described": [note._asdict() for note in found.notes],
        "failures": found.failures,
    }


def _told(found: Export, msg: str) -> Iterator[str]:
    """Yield what is shown of an export, the result last."""
    for entry in found.failures:
        yield f"{'.'.join(filter(None, (entry['instance'], entry['part'])))}: {entry['reason']}"
    yield msg


def _many(entries: Sequence[Any], word: str) -> str:
    return f"{len(entries)} {word}{'s' * (len(entries) != 1)}"
