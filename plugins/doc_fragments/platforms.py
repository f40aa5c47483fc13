# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.gaussdb.tpops.plugins.doc_fragments.connection import ModuleDocFragment as Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import CONNECTION


class ModuleDocFragment:
    """The connection options of the modules, for a plugin that reads several platforms.

    Each value may be a template, so none has a type or a default here: the plugin validates what the template gives.
    """

    DOCUMENTATION = ""


def _options() -> dict[str, Any]:
    documented = yaml_load(Connection.DOCUMENTATION)["options"]
    environment = {field.name: [{"name": field.env}] for field in CONNECTION}
    kept = ("description", "choices")
    single = {
        name: {**{key: option[key] for key in kept if key in option}, "type": "raw"}
        for name, option in documented.items()
    }
    return {
        "platforms": {
            "description": [
                "The platforms to read, each with the connection options in which it differs from those of this file "
                "and of the environment.",
                "Without it there is one platform, named like the host of its O(endpoint).",
            ],
            "type": "list",
            "elements": "dict",
            "suboptions": {
                "name": {
                    "description": [
                        "Name of the platform and of its host in the inventory. It consists of letters, digits, C(_), "
                        "C(-) and C(.)."
                    ],
                    "type": "str",
                    "required": True,
                },
                **deepcopy(single),
            },
        },
        **{name: {**option, "env": environment[name]} for name, option in single.items()},
    }


# JSON is YAML, and quickly written.
ModuleDocFragment.DOCUMENTATION = json.dumps({"options": _options()})
