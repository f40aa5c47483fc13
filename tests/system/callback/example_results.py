# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes the result of each task to the file EXAMPLE_RESULTS, one JSON object per line."""

from __future__ import annotations

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: example_results
type: notification
short_description: Write the results of tasks to a file
description: For the test of the examples.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "example_results"

    def v2_runner_on_ok(self, result):
        self._write(result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._write(result, failed=True)

    @staticmethod
    def _write(result, **more):
        # The public names are those of ansible-core 2.19 and later.
        task = getattr(result, "task", None) or result._task
        data = getattr(result, "result", None) or result._result
        with open(os.environ["EXAMPLE_RESULTS"], "a", encoding="utf-8") as file:
            file.write(
                json.dumps({"action": task.action, "task": task.name, "result": {**data, **more}}, default=str) + "\n"
            )
