# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is said about a wrong workbook."""

from __future__ import annotations

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure
from ansible_collections.gaussdb.tpops.plugins.modules.gaussdb_host_sheet import build_error


def test_the_error_names_the_cells_and_redacts_passwords() -> None:
    reply = {
        "fail_count": 1,
        "fail_hosts": ['please check error in ["ip(value:100.1) in E2","os_root_pwd(value:Sec) ret) in J2"]'],
    }
    error = build_error("/x.xlsx", ApiFailure("no", status=400, details={"reply": reply}))
    assert str(error) == (
        "path: 1 hosts in /x.xlsx are invalid: please check error in "
        '["ip(value:100.1) in E2","os_root_pwd(value:***) in J2"]'
    )


def test_other_errors_are_unchanged() -> None:
    error = ApiFailure("no", status=400, details={"reply": {"error_code": "DBS.200001"}})
    assert build_error("/x.xlsx", error) is error
