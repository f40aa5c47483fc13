# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A selected relation is processed or causes an error, and a user's Ansible configuration does not change the
result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Recap
from two_sites import AWAY, HOME, MEMBERS, TO_AWAY, TwoSites, done, refused

import common

FAILOVER = ("gaussdb.tpops.dr_failover", *TO_AWAY, "-e", "gaussdb_confirm=orders-dr")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--limit", AWAY), "Nothing was done for orders: a limit also applies to the hosts that a run adds."),
        (("--tags", "promote"), "the tasks of this playbook have no tags (promote)"),
        (("--start-at-task", "Promote"), "leave out --start-at-task"),
        (("--limit", "site-c"), "--limit"),
        (("-e", "gaussdb_sites=nowhere"), "No host of the inventory matches nowhere"),
    ],
)
def test_a_failover_that_is_not_played_is_an_error(sites: TwoSites, options: tuple[str, ...], text: str) -> None:
    sites.join()
    sites.down(0)
    refused(sites.play(*FAILOVER, *options), text)
    assert sites.requests() == []


def test_the_advised_limit_fails_over_without_the_dead_site(sites: TwoSites) -> None:
    sites.join()
    sites.down(0)
    run = sites.play(*FAILOVER, "--limit", AWAY)
    refused(run, f"with --limit '{AWAY},DR@*'")
    done(sites.play(*FAILOVER, "--limit", f"{AWAY},DR@*"), 1)
    assert sites.record()["after"]["primary"] == [AWAY]


@pytest.mark.parametrize("limit", [AWAY, f"{AWAY},DR@*"])
def test_status_of_a_limit(sites: TwoSites, limit: str) -> None:
    sites.join()
    run = sites.dr("status", "--limit", limit)
    if limit == AWAY:
        refused(run, "Nothing was done for orders")
    else:
        done(run, 0)
        (page,) = sites.evidence.glob("*-status.html")
        assert "orders-prod" in page.read_text(encoding="utf-8")


def listed(sites: TwoSites, *arguments: str, folder: Path, **variables: Any) -> Recap:
    """Run a playbook in a folder, with a list of hosts as inventory and all variables given."""
    by_site = dict(zip((HOME, AWAY), sites.sites.endpoints, strict=True))
    variables |= {
        "tpops_endpoint": "{{ " + repr(by_site) + "[inventory_hostname] }}",
        "tpops_username": sites.server.username,
    }
    variables |= {
        "tpops_password": sites.server.password,
        "tpops_ca_path": str(sites.server.ca_path),
        "dr_probe_timeout": 2,
    }
    variables |= {
        "dr_relations": [
            {"name": "orders", "primary_site": HOME, "members": MEMBERS, "drill": {"verify_tasks": "own.yml"}}
        ]
    }
    command = [
        str(common.venv_bin() / "ansible-playbook"),
        "-i",
        f"{HOME},{AWAY},",
        "-e",
        json.dumps(variables),
        *arguments,
    ]
    return sites.run(command, cwd=folder)


@pytest.mark.long
def test_an_inventory_that_is_a_list_of_hosts(sites: TwoSites, tmp_path: Path) -> None:
    """Files that are normally next to the inventory are in the current folder."""
    sites.join()
    sites.down(0)
    (tmp_path / "own.yml").write_text("- ansible.builtin.debug:\n", encoding="utf-8")
    done(listed(sites, *FAILOVER, folder=tmp_path), 1)
    done(listed(sites, "gaussdb.tpops.dr_status", folder=tmp_path), 0)
    found = sorted(path.name.partition("-")[2] for path in (tmp_path / "evidence").iterdir())
    assert found == ["failover-orders.html", "failover-orders.json", "status.html"]
    relative = listed(sites, "gaussdb.tpops.dr_status", folder=tmp_path, gaussdb_evidence_dir="elsewhere")
    done(relative, 0)
    assert len(list((tmp_path / "elsewhere").iterdir())) == 1


def test_the_evidence_cannot_be_written(sites: TwoSites) -> None:
    sites.join()
    sites.down(0)
    nowhere = ("-e", "gaussdb_evidence_dir=/dev/null/evidence")
    shown = {"ANSIBLE_SHOW_CUSTOM_STATS": "true"}
    run = sites.play(*FAILOVER, *nowhere, **shown)
    done(run, 1)
    assert (
        "WARNING: the evidence cannot be written to /dev/null/evidence" in run.output
        and "Set the folder with gaussdb_evidence_dir" in run.output
    )
    record, stats = run.output.partition("CUSTOM STATS")[::2]
    for text in (record, stats):
        assert '"confirmed_with"' in text and '"failover"' in text
    report = sites.dr("status", *nowhere)
    done(report, 0)
    assert (
        "WARNING: the page cannot be written to /dev/null/evidence" in report.output
        and "orders deviates" in report.output
    )


def test_a_check_leaves_no_file(sites: TwoSites) -> None:
    sites.join()
    run = sites.play("gaussdb.tpops.dr_switchover", *TO_AWAY, "--check", ANSIBLE_SHOW_CUSTOM_STATS="true")
    done(run, 1)
    assert '"outcome": "planned"' in run.output.partition("CUSTOM STATS")[2]
    done(sites.dr("status", "--check"), 0)
    assert not sites.evidence.exists()


@pytest.mark.long
def test_nothing_of_the_users_settings_matters(sites: TwoSites, tmp_path: Path) -> None:
    """Neither variables of all hosts of the inventory nor the configuration affect the hosts that a run adds."""
    sites.join()
    everywhere = {
        "ansible_become": True,
        "ansible_become_exe": "/bin/false",
        "ansible_connection": "ssh",
        "ansible_shell_type": "powershell",
    }
    everywhere |= {
        "ansible_python_interpreter": "/nowhere/python",
        "ansible_shell_executable": "/nowhere/sh",
        "ansible_shell_type": "powershell",
    }
    own = {"ansible_become": False, "ansible_connection": "local"}
    more = tmp_path / "more.json"
    more.write_text(json.dumps({"all": {"vars": everywhere, "hosts": {HOME: own, AWAY: own}}}), encoding="utf-8")
    settings = {
        "ANSIBLE_STRATEGY": "free",
        "ANSIBLE_ANY_ERRORS_FATAL": "true",
        "ANSIBLE_ERROR_ON_UNDEFINED_VARS": "true",
    }
    for playbook, arguments, changed in (("drill", (), 2), ("switchover", TO_AWAY, 1), ("status", (), 0)):
        done(sites.play(f"gaussdb.tpops.dr_{playbook}", "-i", str(more), *arguments, **settings), changed)
