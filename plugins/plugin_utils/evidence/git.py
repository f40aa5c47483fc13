# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sends evidence to a Git repository, with the git of the machine: a clone of the last commit, a commit, a push.

A rerun with the same bytes makes no commit. A push that came too late, because another run was faster, begins again
with what that one has pushed.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import PurePosixPath

from .sinks import Parcel, Sink, SinkError

# git asks this for user and password. It takes both from the environment, which the list of processes does not show.
HELPER = '!f() { printf "username=%s\\npassword=%s\\n" "$GAUSSDB_SINK_USERNAME" "$GAUSSDB_SINK_PASSWORD"; }; f'


def push(sink: Sink, parcel: Parcel, temporary: str) -> None:
    """Commit and push the files. Raises :class:`SinkError`. ``temporary`` is a folder for the clone."""
    with tempfile.TemporaryDirectory(prefix="gaussdb-evidence-", dir=temporary) as folder:
        git = _Git(folder, sink)
        branch = f"refs/heads/{sink['branch']}"
        git.run("init", "--quiet", ".")
        git.run("symbolic-ref", "HEAD", branch)
        # Nothing is listed for a branch that does not exist yet, for example in an empty repository.
        if git.run("ls-remote", sink["url"], branch):
            git.run("fetch", "--quiet", "--depth", "1", sink["url"], branch)
            git.run("update-ref", "HEAD", "FETCH_HEAD")
            git.run("read-tree", "HEAD")
        # Nothing is checked out: the files of the repository are not needed, and a link in it leads nowhere.
        for file in parcel.files:
            blob = git.run("hash-object", "-w", "--stdin", content=file.content)
            git.run("update-index", "--add", "--cacheinfo", f"100644,{blob},{PurePosixPath(sink['folder'], file.name)}")
        if not git.run("diff", "--cached", "--name-only"):
            return
        git.run("commit", "--quiet", "--no-verify", "--message", parcel.about)
        git.run("push", "--quiet", sink["url"], f"HEAD:{branch}")


class _Git:
    """Runs git in a folder, without a question, a signature, or the user's own settings."""

    def __init__(self, folder: str, sink: Sink) -> None:
        self.folder, self.timeout = folder, sink["timeout"]
        self.environment = _environment(sink)

    def run(self, *arguments: str, content: bytes = b"") -> str:
        command = ["git", *arguments]
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=self.environment,
                input=content,
                capture_output=True,
                timeout=self.timeout,
                check=False,
            )
        except FileNotFoundError:
            raise SinkError("git is not installed on the controller", transient=False) from None
        except subprocess.TimeoutExpired:
            raise SinkError(f"git {arguments[0]} did not end within {self.timeout} seconds") from None
        if done.returncode:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"status {done.returncode}"]
            raise SinkError(f"git {arguments[0]}: {' '.join(line.strip() for line in lines)}")
        return done.stdout.decode("utf-8", "replace").strip()


def _environment(sink: Sink) -> dict[str, str]:
    settings = {"commit.gpgSign": "false", "core.hooksPath": os.devnull}
    if sink["ca_path"]:
        settings["http.sslCAInfo"] = sink["ca_path"]
    secrets = {}
    if sink["username"]:
        settings["credential.helper"] = HELPER
        secrets = {"GAUSSDB_SINK_USERNAME": sink["username"], "GAUSSDB_SINK_PASSWORD": sink["password"]}
    key = f" -i '{sink['ssh_key']}' -o IdentitiesOnly=yes" if sink["ssh_key"] else ""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    ssh = os.environ.get("GIT_SSH_COMMAND", "ssh")
    return {
        **inherited,
        "LC_ALL": "C",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_SSH_COMMAND": f"{ssh} -o BatchMode=yes{key}",
        **_by_number(settings),
        **secrets,
        **{f"GIT_{who}_NAME": sink["author"] for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": sink["email"] for who in ("AUTHOR", "COMMITTER")},
    }


def _by_number(settings: Mapping[str, str]) -> dict[str, str]:
    """Return settings of git in the form in which the environment gives them."""
    found = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings.items()):
        found |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return found
