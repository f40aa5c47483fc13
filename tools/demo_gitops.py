# SPDX-License-Identifier: GPL-3.0-or-later
"""Demonstrate GitOps with a simulated platform: export it, change its description in a branch, plan, approve, apply,
find drift and heal it.

Run it with the Python of ``.venv``. Options are passed to each ansible-playbook, for example ``demo_gitops.py -v``.
"""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import demo
from ansible.parsing.vault import VaultLib, VaultSecret

import simulator
from common import BUILD, ROOT, ansible_environment

EXAMPLE = ROOT / "examples" / "estate"
FOLDER = BUILD / "demo-gitops"
SPEED = 60
# What somebody has built by hand over the years.
INSTANCE = {"solution": "single", "data_center": ["dc1"]}
PLATFORM = {
    "instances": [
        {"name": "core-prod", "password": "Example-Core-Root-1", "databases": ["accounts", "cards"], **INSTANCE},
        {"name": "fraud-prod", "password": "Example-Fraud-Root-1", "databases": ["fraud"], **INSTANCE},
        {"name": "core-test", "password": "Example-Test-Root-1", "databases": ["accounts"], **INSTANCE},
    ]
}
NEW_SECRET = "vault_core_prod_auditor_password"
CHANGE = f"""\
users:
  - name: auditor
    password: "{{{{ {NEW_SECRET} }}}}"
    login_only: true
"""
LIMIT_BEFORE, LIMIT_AFTER, LIMIT_BY_HAND = 10, 5, 8
PARAMETER = "failed_login_attempts"


class Unexpected(Exception):
    """A step has ended in another way than it should."""


@dataclass(frozen=True)
class Repository:
    """A scratch repository with the description of a platform."""

    path: Path
    environment: dict[str, str]
    options: list[str]

    def git(self, *arguments: str) -> None:
        names = ["-c", "user.name=demo", "-c", "user.email=demo@example.com", "-c", "init.defaultBranch=main"]
        print(f"$ git {' '.join(arguments)}", flush=True)
        subprocess.run(["git", *names, *arguments], cwd=self.path, check=True, stdin=subprocess.DEVNULL)

    def play(self, name: str, *arguments: str, status: int = 0) -> int:
        """Run a playbook that should end with this status; return the number of changes."""
        command = ["ansible-playbook", "-i", "inventory.yml", f"gaussdb.tpops.{name}", *arguments, *self.options]
        ended, changed, _seconds = demo.run(command, self.environment, self.path)
        if ended != status:
            raise Unexpected(f"{name} should have ended with status {status}, not {ended}.")
        return changed

    def set_by_hand(self, value: int) -> None:
        """Change a parameter as somebody does who does not know of the repository."""
        arguments = json.dumps({"instance": "core-prod", "parameters": {PARAMETER: value}})
        command = ["ansible", "site-a", "-i", "inventory.yml", "-m", "gaussdb.tpops.gaussdb_parameter"]
        if demo.run([*command, "-a", arguments], self.environment, self.path)[0]:
            raise Unexpected("The platform could not be changed by hand.")

    def edit(self) -> None:
        """Change what the branch is for: a parameter and a user of one instance."""
        path = self.path / "estate" / "instances" / "core-prod.yml"
        text = path.read_text(encoding="utf-8")
        line = next(line for line in text.splitlines() if line.strip().startswith(f"{PARAMETER}:"))
        text = text.replace(line, f"{line.partition(':')[0]}: {LIMIT_AFTER}")
        path.write_text(f"{text}{CHANGE}", encoding="utf-8")


def create(server: simulator.Simulator, options: list[str]) -> Repository:
    """Return an empty repository with an inventory of the platform, and a key to its vault."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    variables = FOLDER / "group_vars" / "tpops"
    variables.mkdir(parents=True)
    shutil.copy(EXAMPLE / "inventory.yml", FOLDER)
    shutil.copy(EXAMPLE / "group_vars" / "tpops" / "connection.yml", variables)
    (variables / "estate.yml").write_text('---\ngaussdb_estate_dir: "{{ inventory_dir }}/estate"\n', encoding="utf-8")
    (FOLDER / ".gitignore").write_text("plan.*\ndrift.*\nvault-password\n", encoding="utf-8")
    (FOLDER / "vault-password").write_text("demo\n", encoding="utf-8")
    environment = ansible_environment() | server.environment()
    environment["ANSIBLE_VAULT_PASSWORD_FILE"] = str(FOLDER / "vault-password")
    return Repository(FOLDER, environment, options)


def encrypted(secret: str) -> str:
    """Return a value for a file of variables, encrypted with the key of the repository."""
    text = VaultLib([("default", VaultSecret(b"demo"))]).encrypt(secret.encode()).decode()
    return "!vault |\n" + "".join(f"  {line}\n" for line in text.splitlines())


def fill(server: simulator.Simulator, estate: dict[str, Any]) -> None:
    url = f"https://{server.endpoint}/_simulator/estate"
    request = urllib.request.Request(url, data=json.dumps(estate).encode(), method="POST")
    with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=str(server.ca_path))):
        pass


def expect(changed: int, wanted: bool) -> None:
    if bool(changed) != wanted:
        raise Unexpected(f"The run should have changed {'something' if wanted else 'nothing'}, but changed={changed}.")


def walk(repository: Repository) -> None:
    say = demo.say
    say("1. Somebody has built a platform by hand. Describe it as it is, one file for each instance, and commit that.")
    repository.git("init", "--quiet")
    repository.play("export", "-e", "gaussdb_export_dir=estate")
    secrets = repository.path / "group_vars" / "tpops" / "vault.yml"
    # Nobody has to know the secrets of what exists already.
    shutil.move(repository.path / "estate" / "vault.example.yml", secrets)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "Describe the platform as it is")

    say("2. The platform is as described: a run changes nothing.")
    expect(repository.play("site"), False)

    say("3. A merge request: a branch changes one parameter and adds a user, with its password in the vault.")
    repository.git("switch", "--quiet", "--create", "auditor")
    repository.edit()
    with secrets.open("a", encoding="utf-8") as file:
        file.write(f"{NEW_SECRET}: {encrypted('Example-Auditor-1')}")
    repository.git("--no-pager", "diff", "--stat")
    repository.git("commit", "--quiet", "--all", "--message", "Let the auditor in, and lock after fewer failed logins")
    repository.play("validate")
    repository.play("plan")
    say("This page goes to the merge request, for the people who approve it:")
    print((repository.path / "plan.md").read_text(encoding="utf-8"), flush=True)

    say("4. It is approved and merged. But somebody has changed the same parameter by hand in between.")
    repository.set_by_hand(LIMIT_BY_HAND)
    repository.git("switch", "--quiet", "main")
    repository.git("merge", "--quiet", "auditor")
    say("The run refuses: what it would do now is not what was approved.")
    repository.play("site", "-e", "gaussdb_approved_plan=plan.json", status=2)

    say("5. Plan again, approve that, and apply it.")
    repository.play("plan")
    expect(repository.play("site", "-e", "gaussdb_approved_plan=plan.json"), True)

    say("6. The nightly run compares the platform with the description: it is in step.")
    repository.play("drift")
    say("Somebody changes the parameter by hand once more, and the next night finds it.")
    repository.set_by_hand(LIMIT_BY_HAND)
    repository.play("drift", status=2)
    say("A run makes it as described again.")
    expect(repository.play("site"), True)
    repository.play("drift")

    say("7. Nothing is left to do.")
    expect(repository.play("site"), False)


def main() -> int:
    started = time.monotonic()
    with simulator.running(SPEED) as server:
        fill(server, PLATFORM)
        try:
            walk(create(server, sys.argv[1:]))
        except Unexpected as error:
            demo.say(str(error))
            return 1
    demo.say(f"The end, after {time.monotonic() - started:.0f} s. The repository is in {FOLDER.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
