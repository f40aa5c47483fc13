# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Engine versions (reference 4.12)."""

from __future__ import annotations

from .operation import Call, Operation

LIST_ENGINE_VERSIONS = Operation(
    "list_engine_versions", "GET", "/gaussdb/v3/datastore/versions", "4.12.1", read=True, items=("versions",)
)


def list_engine_versions() -> Call:
    """List the engine versions for new instances (4.12.1): strings; numbers in the reference's example."""
    return LIST_ENGINE_VERSIONS.call()
