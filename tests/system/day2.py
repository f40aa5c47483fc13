# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the tests of the procedures for daily work need of a platform, besides what those of upgrades need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conftest import Recap, occurrences
from fleet import Fleet


class Retried:
    """A platform for ``Steps`` whose time also goes on while a task of a playbook is tried again."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet

    def kill_when(self, is_moment: Callable[[str], bool], *arguments: str) -> Recap:
        return self.fleet.kill_when(is_moment, *arguments)

    def go_on(self, line: str) -> bool:
        if "FAILED - RETRYING" in line:
            self.fleet.clock(advance=900)
        return self.fleet.go_on(line)


def options(**values: Any) -> tuple[str, ...]:
    """Return options of a playbook. A new instance has a session with a long transaction."""
    return tuple(part for name, value in values.items() for part in ("-e", f"{name}={value}"))


def sent(fleet: Fleet) -> list[str]:
    """Return the writes that the platform has accepted."""
    return [entry["operation_id"] for entry in fleet.requests() if entry["write"] and entry["status"] < 400]


def nodes_after(fleet: Fleet, site: str = "site-a") -> dict[str, tuple[str, list[str]]]:
    """Return the condition of each node, and the primaries on it, at the end of the last run."""
    return {each["name"]: _shown(each) for each in fleet.record()["after"]["sites"][site]["nodes"]}


def _shown(node: dict[str, Any]) -> tuple[str, list[str]]:
    condition = "stopped" if node["stopped"] else "healthy" if node["healthy"] else "unhealthy"
    leading = [each["id"] for each in node["components"] if (each["type"], each["status"]) == ("DN", "Primary")]
    return condition, leading


def refused(fleet: Fleet, playbook: str, *arguments: str) -> str:
    """Run a playbook, which has to refuse before any write, and return what it printed, as one line."""
    fleet.forget_requests()
    run = fleet.play(playbook, *arguments)
    assert run.status != 0 and sent(fleet) == [], run.output[-6000:]
    return " ".join(run.output.split())


def shown_secrets(fleet: Fleet, playbook: str, *arguments: str) -> list[str]:
    """Run a playbook to its end, with all its output, and return where it left the password of the platform."""
    run = fleet.play(playbook, *arguments, "-vvvvv", "--diff", ANSIBLE_SHOW_CUSTOM_STATS="1")
    assert fleet.record()["outcome"] in ("done", "paused"), run.output[-6000:]
    password = fleet.server.password
    return [*(["output"] if password in run.output else []), *occurrences(fleet.evidence, [password])]
