# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Simulates a connection to another host: runs everything here, and logs host and command to the file BASTION_LOG."""

from __future__ import annotations

import os
import re

from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = """
name: bastion
short_description: Run on this host as if it were another one
description: For the tests of connections that are not local.
"""


class Connection(LocalConnection):
    transport = "bastion"

    def exec_command(self, cmd, in_data=None, sudoable=True):
        with open(os.environ["BASTION_LOG"], "a", encoding="utf-8") as log:
            log.writelines(
                f"{self._play_context.remote_addr} {module}\n" for module in re.findall(r"AnsiballZ_(\w+)\.py", cmd)
            )
        return super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
