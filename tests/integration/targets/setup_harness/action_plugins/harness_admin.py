# SPDX-License-Identifier: GPL-3.0-or-later
"""Send requests to the simulator's admin interface: the uri module as an action, without a process for each request."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError

from ansible.errors import AnsibleActionFail
from ansible.module_utils.urls import open_url
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import filter_loader, test_loader

from ansible_collections.gaussdb.tpops.plugins.action import gaussdb_api

# Ansible loads an action before it forks a worker for it, and everything else in each worker. What is loaded here is
# loaded once.
PRELOADED = (gaussdb_api, *filter_loader.all(), *test_loader.all())


class ActionModule(ActionBase):
    """Send ``requests``, each with ``method``, ``path`` and perhaps ``body``, and return the ``reply`` to the last one.

    ``platform`` has its ``endpoint`` and ``ca_path``. An error whose text contains one of ``accepted`` is no failure.
    """

    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        given = self._task.args
        platform = given["platform"]
        for request in given["requests"]:
            method, url = request["method"], f"https://{platform['endpoint']}/_simulator/{request['path']}"
            body = json.dumps(request["body"]) if "body" in request else None
            try:
                content = open_url(url, method=method, data=body, ca_path=platform["ca_path"]).read()
            except HTTPError as error:
                content = error.read()
                if not any(text in content.decode() for text in given.get("accepted", ())):
                    raise AnsibleActionFail(f"{method} {url}: {error.code} {content.decode()}") from error
            result["reply"] = json.loads(content) if content else None
        return result
