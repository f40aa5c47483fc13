# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module several times in one task, and read after each run which requests the simulator received for it.

As tasks of their own, the runs of one step and their reads need twenty workers, which take far longer than the runs.
"""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Run ``module`` with ``arguments`` once for each of ``runs``, which are ``check`` or ``apply``.

    ``runs`` of the result is a list of ``result``, ``requests`` and ``writes``. A run that fails ends the task, unless
    it ``may_fail``. No result may contain one of the ``secrets``.
    """

    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        given = self._task.args
        position = self._read(task_vars, "state")["last_request"]
        result["runs"] = []
        for number, kind in enumerate(given["runs"], start=1):
            check_mode = kind == "check" or self._task.check_mode
            outcome = {"changed": False, "failed": False}
            outcome |= self._act(given["module"], given["arguments"], task_vars, check_mode=check_mode)
            # The result of a task has these only if there are any.
            outcome = {key: each for key, each in outcome.items() if each or key not in ("warnings", "deprecations")}
            if any(secret in str(outcome) for secret in given["secrets"]):
                raise AnsibleActionFail(f"The result of run {number} ({kind}) contains a secret")
            requests = self._read(task_vars, f"requests/{position}")["requests"]
            position = requests[-1]["sequence"] if requests else position
            writes = [entry for entry in requests if entry["write"] and entry["operation_id"] != "create_token"]
            result["runs"].append({"result": outcome, "requests": requests, "writes": writes})
            if outcome["failed"] and not given.get("may_fail"):
                return {**result, "failed": True, "msg": f"Run {number} ({kind}) failed: {outcome.get('msg')}"}
        result["changed"] = any(each["result"]["changed"] for each in result["runs"])
        return result

    def _read(self, task_vars: dict[str, Any] | None, path: str) -> dict[str, Any]:
        """Read something from the simulator's admin interface."""
        requests = [{"method": "GET", "path": path}]
        arguments = {"platform": self._task.args["platform"], "requests": requests}
        return self._act("harness_admin", arguments, task_vars)["reply"]

    def _act(
        self, action: str, arguments: dict[str, Any], task_vars: dict[str, Any] | None, **changes: Any
    ) -> dict[str, Any]:
        """Run another action as a task with these arguments would."""
        task = self._task.copy()
        for name, value in {"action": action, "args": dict(arguments), **changes}.items():
            setattr(task, name, value)
        return self._shared_loader_obj.action_loader.get(
            action,
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        ).run(task_vars=task_vars)
