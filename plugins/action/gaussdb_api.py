# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs any module of the collection inside the controller's worker; ``meta/runtime.yml`` routes all of them here.

A module as a process costs about ten times as much as its requests. If the connection is local, the spec of the module
is run here by the same runner; otherwise the module is sent to the host as usual.

Either way the environment tells the module what only the controller knows: the Ansible run it belongs to, and the home
directory of Ansible.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from secrets import token_hex
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

# Loaded here, once, before the workers are forked.
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.arguments import drop_unset
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import build_interface, options_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import HAS_REQUESTS
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.token_cache import RUN_DIRECTORY, RUN_VARIABLE
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_spec
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.printable import LONGEST_LINE, printable

PREFIX = "gaussdb.tpops."
SWITCH = "run_in_controller"
SWITCH_ENV = "GAUSSDB_TPOPS_RUN_IN_CONTROLLER"
PROGRESS = "gaussdb_progress"
PROGRESS_ENV = "GAUSSDB_TPOPS_PROGRESS"
HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

# Created when this file is first loaded, before the workers are forked: the same for all of them.
RUN = token_hex(8)

display = Display()


class ActionModule(ActionBase):
    """One action for all modules: the action of the task determines the spec to run."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True
    _supports_async = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        name = self._module_name()
        if not self._in_controller(variables):
            with self._current_folder():
                return {
                    **result,
                    **self._execute_module(
                        module_name=PREFIX + name, task_vars=variables, wrap_async=self._task.async_val
                    ),
                }
        spec = import_module(f"ansible_collections.gaussdb.tpops.plugins.modules.{name}").SPEC
        described = build_interface(spec)
        with self._environment():
            problems: list[InputError] = []
            self._task.args = drop_unset(options_of(spec), self._task.args, problems)
            secrets = set(_secrets(described.argument_spec, self._task.args))
            try:
                validation, params = self.validate_argument_spec(
                    argument_spec=described.argument_spec, **described.rules
                )
            except AnsibleError as error:
                return dict(remove_values({**result, "failed": True, "msg": str(error)}, secrets))
            secrets |= set(validation._no_log_values)
            if problems:
                return {**result, "failed": True, **remove_values(problems[0].as_result(), secrets)}
            outcome = run_spec(
                spec, name, params, check_mode=self._task.check_mode, progress=self._progress(variables, secrets)
            )
        # Newer versions of ansible-core leave it out of every result, unless configured otherwise.
        if getattr(C, "INJECT_INVOCATION", display.verbosity >= 3):
            outcome["invocation"] = {"module_args": _masked(described.argument_spec, params)}
        return {**result, **remove_values(outcome, secrets)}

    def _module_name(self) -> str:
        return str(self._task.action.rpartition(".")[2])

    def _in_controller(self, variables: Mapping[str, Any]) -> bool:
        """Whether the worker itself may do the work: a local connection, no other user, and not disabled."""
        return (
            HAS_REQUESTS
            and self._is_on(variables, SWITCH, SWITCH_ENV)
            and self._connection.transport == "local"
            and not self._task.async_val
            and not getattr(self._connection, "become", None)
        )

    def _is_on(self, variables: Mapping[str, Any], name: str, environment: str) -> bool:
        # A delegated task uses the connection and the setting of the other host.
        host = variables.get("ansible_delegated_vars", {}).get(self._task.delegate_to, variables)
        switch = host.get(name, os.environ.get(environment, True))
        return bool(boolean(self._templar.template(switch), strict=False))

    def _compute_environment_string(self, raw_environment_out: Any = None) -> str:
        """Return the environment of the task, which takes precedence, and the values from the controller."""
        given: dict[str, Any] = {}
        super()._compute_environment_string(given)
        environment = {**self._from_controller(), **given}
        if isinstance(raw_environment_out, dict):
            raw_environment_out.clear()
            raw_environment_out.update(environment)
        return str(self._connection._shell.env_prefix(**environment))

    def _from_controller(self) -> dict[str, str]:
        known = {RUN_VARIABLE: RUN}
        # A folder of the controller is not valid on another host or for another user.
        if self._connection.transport == "local" and not getattr(self._connection, "become", None):
            known[RUN_DIRECTORY] = C.DEFAULT_LOCAL_TMP
            home, origin = C.config.get_config_value_and_origin("ANSIBLE_HOME")
            # Everybody finds the default.
            if origin != "default":
                known["ANSIBLE_HOME"] = home
        return known

    @contextmanager
    def _current_folder(self) -> Iterator[None]:
        """Let a process on a local connection start in Ansible's current folder, so that a relative path means the same
        file both ways.

        ansible-core starts it in the folder of the playbook, which for a playbook of a collection is inside the
        collection.
        """
        before = self._loader.get_basedir()
        self._loader.set_basedir(os.getcwd())
        try:
            yield
        finally:
            self._loader.set_basedir(before)

    @contextmanager
    def _environment(self) -> Iterator[None]:
        """Apply the task's ``environment`` here, as for a process: options, proxies, certificates and homes come from
        it."""
        given: dict[str, Any] = {}
        self._compute_environment_string(given)
        before = dict(os.environ)
        os.environ.update({str(name): str(value) for name, value in given.items()})
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def _progress(self, variables: Mapping[str, Any], secrets: set[str]) -> Any:
        """Return the function that shows a line of progress on standard error; a program may read standard output."""
        if self._task.no_log or not self._is_on(variables, PROGRESS, PROGRESS_ENV):
            return None

        def show(line: str) -> None:
            display.display(printable(remove_values(line, secrets), LONGEST_LINE), stderr=True)

        return show


def _secrets(argument_spec: Mapping[str, Any], arguments: Any) -> Iterable[str]:
    """Yield the secret values of arguments that are not validated yet, at any depth, and of the environment."""
    if not isinstance(arguments, Mapping):
        return
    for name, entry in argument_spec.items():
        if entry.get("no_log") and "fallback" in entry:
            yield from _texts([os.environ.get(variable) for variable in entry["fallback"][1]])
        for spelling in (name, *entry.get("aliases", ())):
            value = arguments.get(spelling)
            if value is None:
                continue
            if entry.get("no_log"):
                yield from _texts(value)
            for nested in value if isinstance(value, list) else [value]:
                yield from _secrets(entry.get("options", {}), nested)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        for entry in value.values():
            yield from _texts(entry)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from _texts(entry)
    elif value not in (None, "") and not isinstance(value, bool):
        yield str(value)


def _masked(argument_spec: Mapping[str, Any], params: Any) -> Any:
    if isinstance(params, list):
        return [_masked(argument_spec, entry) for entry in params]
    if not isinstance(params, Mapping):
        return params
    shown = {}
    for name, value in params.items():
        entry = argument_spec.get(name, {})
        if entry.get("no_log") and value is not None:
            shown[name] = HIDDEN
        else:
            shown[name] = _masked(entry["options"], value) if entry.get("options") else value
    return shown
