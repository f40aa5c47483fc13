# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Running a spec, as a separate process or directly from its arguments. Every error ends here, as a result."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .engine.arguments import check_sendable, drop_unset, prepare_arguments
from .engine.context import Context
from .engine.flow import run_info, run_task
from .engine.options import CONNECTION
from .engine.spec import Action, Info, Resource, build_interface, options_of
from .engine.waiting import Waiter, WaitPolicy
from .http.client import HAS_REQUESTS, REQUESTS_IMPORT_ERROR, Client, Connection
from .http.errors import InputError, TpopsError


class Module(AnsibleModule):
    """A module as a process. Omitted arguments are dropped before Ansible validates the others."""

    params: dict[str, Any]

    def __init__(self, spec: Resource | Action | Info) -> None:
        self._fields = options_of(spec)
        self.problems: list[InputError] = []
        described = build_interface(spec)
        super().__init__(argument_spec=described.argument_spec, supports_check_mode=True, **described.rules)

    def _load_params(self) -> None:
        super()._load_params()
        self.params = drop_unset(self._fields, self.params, self.problems)

    def _log_invocation(self) -> None:
        # Writing to the log would fail with a traceback.
        try:
            check_sendable(self._fields, self.params)
        except InputError as error:
            self.fail_json(changed=False, **error.as_result())
        super()._log_invocation()


def run_module(spec: Resource | Action | Info) -> None:
    """Run a module as a process: the whole of every module's ``main``."""
    module = Module(spec)
    if module.problems:
        module.fail_json(changed=False, **module.problems[0].as_result())
    if not HAS_REQUESTS:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    result = run_spec(spec, module._name, module.params, check_mode=module.check_mode)
    for warning in result.pop("warnings", []):
        module.warn(warning)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


def run_spec(
    spec: Resource | Action | Info,
    name: str,
    params: Mapping[str, Any],
    check_mode: bool = False,
    progress: Callable[[str], None] | None = None,
    open_client: Callable[..., Client] = Client,
) -> dict[str, Any]:
    """Run a spec and return Ansible's result. Every error ends here, as ``failed`` with one clear ``msg``.

    ``open_client`` creates the client of a connection, whose clock all waits use: tests pass their own.
    """

    def begin() -> Context:
        prepared = prepare_arguments(options_of(spec), params)
        connection = Connection(**{each.name: prepared[each.name] for each in CONNECTION})
        return _context(spec, name, prepared, open_client(connection, on_wait=progress), check_mode, progress)

    return _run(spec, name, begin)


def run_prepared(
    spec: Resource | Action | Info, name: str, prepared: Mapping[str, Any], client: Client, check_mode: bool = False
) -> dict[str, Any]:
    """Do the same with arguments that went through :func:`prepare_arguments`, and with a client."""
    return _run(spec, name, lambda: _context(spec, name, prepared, client, check_mode))


def _context(
    spec: Resource | Action | Info,
    name: str,
    prepared: Mapping[str, Any],
    client: Client,
    check_mode: bool,
    progress: Callable[[str], None] | None = None,
) -> Context:
    options = ("wait", "wait_timeout", "wait_interval")
    policy = (
        WaitPolicy(*(prepared[each] for each in options))
        if spec.starts_jobs
        else WaitPolicy(timeout=prepared["busy_timeout"])
    )
    waiter = Waiter(client, policy, clock=client.clock, sleep=client.sleep, progress=progress)
    return Context(name.rpartition(".")[2], prepared, client, waiter, check_mode)


def _run(spec: Resource | Action | Info, name: str, begin: Callable[[], Context]) -> dict[str, Any]:
    result: dict[str, Any] = {"changed": False}
    ctx = None
    try:
        ctx = begin()
        if isinstance(spec, Info):
            run_info(spec, ctx, result)
        else:
            run_task(spec, ctx, result)
    except TpopsError as error:
        result.update(error.as_result(), failed=True)
    except Exception as error:  # A bug of the collection must not look like a crash, and its text may contain a secret.
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{where.filename.rpartition('/')[2]}:{where.lineno}"
        result.update(
            failed=True,
            msg=(
                f"Internal error of {name}: {type(error).__name__} at {place}. Please report it with the task that "
                "caused it"
            ),
        )
    finally:
        if ctx is not None:
            ctx.client.close()
    if ctx is not None and ctx.samples:
        result["samples"] = ctx.samples
    warned = [*ctx.warnings, *ctx.client.warnings] if ctx is not None else []
    if warned:
        result["warnings"] = warned
    return result
