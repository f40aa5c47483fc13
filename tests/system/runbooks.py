# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The commands of a runbook, each of which a test runs as it is written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from conftest import ROOT, Platform, Recap

RECORD = "gaussdb_record="


class Runbook:
    """The commands of ``docs/runbooks/NAME.md`` that are ``left`` to run, on a platform and in a folder."""

    def __init__(self, name: str, platform: Platform, folder: Path) -> None:
        self.platform = platform
        self.folder = folder
        self.commands, chinese = (
            _commands(ROOT / "docs" / "runbooks" / f"{name}{language}.md") for language in ("", ".zh-CN")
        )
        assert chinese == self.commands, "both languages have the same commands"
        self.left = set(self.commands)

    def run(self, beginning: str, record: Path | None = None) -> Recap:
        """Run the one command that begins like this, up to an option in JSON, or with a record."""
        goes_on = f"{beginning} -e {RECORD}" if record else f"{beginning} -e '{{"
        (command,) = [each for each in self.commands if each == beginning or each.startswith(goes_on)]
        self.left.discard(command)
        real = re.sub(rf"{RECORD}\S+", lambda _found: f"{RECORD}{record}", command)
        return self.platform.play(*shlex.split(real), cwd=self.folder)


def _commands(runbook: Path) -> set[str]:
    return set(re.findall(r"ansible-playbook (gaussdb\.tpops\.[^`\n]+)", runbook.read_text(encoding="utf-8")))
