# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Made by tools/generate.py, one for each module: run `make generate`.
from __future__ import annotations

from ansible_collections.gaussdb.tpops.plugins.action.gaussdb_api import ActionModule

__all__ = ["ActionModule"]
