# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is said about a wrong workbook."""

from __future__ import annotations

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure
from ansible_collections.gaussdb.tpops.plugins.modules.gaussdb_host_sheet import wrong


def test_the_cells_are_named_and_passwords_are_not_quoted() -> None:
    reply = {
        "fail_count": 1,
        "fail_hosts": ['please check error in ["ip(value:100.1) in E2","os_root_pwd(value:Sec) ret) in J2"]'],
    }
    error = wrong("/x.xlsx", ApiFailure("no", status=400, details={"reply": reply}))
    assert str(error) == (
        "path: 1 hosts in /x.xlsx are wrong: please check error in "
        '["ip(value:100.1) in E2","os_root_pwd(value:***) in J2"]'
    )


def test_another_error_stays_what_it_is() -> None:
    error = ApiFailure("no", status=400, details={"reply": {"error_code": "DBS.200001"}})
    assert wrong("/x.xlsx", error) is error
