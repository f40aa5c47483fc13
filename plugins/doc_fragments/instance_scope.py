# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  instance:
    description:
      - Name of the instance. Required unless O(instance_id) is given.
      - A name needs one more request than an ID.
    type: str
  instance_id:
    description:
      - ID of the instance. If set, O(instance) is only used in messages.
    type: str
"""
