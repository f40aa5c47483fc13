# SPDX-License-Identifier: GPL-3.0-or-later
"""Demonstrate the collection: converge the example estate on a simulated platform, twice.

Run it with the Python of ``.venv``. Options are passed to ansible-playbook, for example ``demo.py -v``.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import simulator
from common import ROOT, ansible_environment

ESTATE = ROOT / "examples" / "estate"
PLAYBOOK = ROOT / "playbooks" / "site.yml"
# Example secrets, still encrypted: this shows how an estate keeps its secrets in Git.
VAULT_PASSWORD = ESTATE / "vault-password.example"
# Simulated seconds per second: fast enough to watch, slow enough to see the progress lines.
SPEED = 60
# How long an interrupted playbook may take to end.
PATIENCE_SECONDS = 5


def converge(server: simulator.Simulator, options: list[str]) -> tuple[int, int, float]:
    """Run the playbook; return its exit status, the number of changes and the seconds it took."""
    environment = ansible_environment() | server.environment()
    if VAULT_PASSWORD.exists():
        environment["ANSIBLE_VAULT_PASSWORD_FILE"] = str(VAULT_PASSWORD)
    if sys.stdout.isatty():
        environment["ANSIBLE_FORCE_COLOR"] = "1"
    return run(["ansible-playbook", "-i", str(ESTATE / "inventory.yml"), str(PLAYBOOK), *options], environment)


def run(command: list[str], environment: dict[str, str], folder: Path = ROOT) -> tuple[int, int, float]:
    """Show a command and its output; return its exit status, the number of changes in the recap and the seconds it
    took."""
    print(f"$ {' '.join(_shown(part) for part in command)}", flush=True)
    started = time.monotonic()
    # Progress lines go to standard error: in one stream they keep their order.
    process = subprocess.Popen(
        command,
        env=environment,
        text=True,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    changed = 0
    try:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            match = re.search(r"\bok=\d+.*\bchanged=(\d+)", re.sub(r"\x1b\[[\d;]*m", "", line))
            changed += int(match[1]) if match else 0
        return process.wait(), changed, time.monotonic() - started
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            # An interrupted ansible-playbook may wait forever for workers that are gone.
            process.kill()
            process.wait()
        raise


def _shown(part: str) -> str:
    return os.path.relpath(part, ROOT) if Path(part).is_absolute() else part


def say(text: str) -> None:
    print(f"\n=== {text}\n", flush=True)


def player(
    command: Callable[..., list[str]], environment: dict[str, str], options: Sequence[str]
) -> Callable[..., int]:
    """Return a function that says a title, runs a playbook by ``command`` with ``options``, and returns how much it
    changed. It ends the demonstration if the playbook does not end as it ``fails``."""
    if sys.stdout.isatty():
        environment = environment | {"ANSIBLE_FORCE_COLOR": "1"}

    def play(title: str, playbook: str, *more: str, fails: bool = False) -> int:
        say(title)
        status, changed, _seconds = run(command(playbook, *more, *options), environment)
        if bool(status) != fails:
            say(f"{playbook} should have failed." if fails else f"{playbook} failed.")
            raise SystemExit(status or 1)
        return changed

    return play


def tell_end(what: str, started: float, changed: int, pages: Iterable[Path]) -> bool:
    """Say how a demonstration ended whose rerun changed so much, and which ``pages``, called ``what``, it has left.
    Return whether it went well."""
    if changed:
        say(f"The rerun should have changed nothing, but ended with changed={changed}.")
        return False
    say(f"All of it in {time.monotonic() - started:.0f} s; the rerun ended with changed=0. The {what}:")
    for page in sorted(pages):
        print(f"  {os.path.relpath(page, ROOT)}")
    return True


def main() -> int:
    options = sys.argv[1:]
    with simulator.running(SPEED) as server:
        say(
            f"A simulated platform listens on https://{server.endpoint} and runs {SPEED} times as fast as a real one "
            "would."
        )
        say("First run: from nothing to running instances.")
        status, changed, seconds = converge(server, options)
        if status:
            say("The first run failed.")
            return status
        first = f"First run: {changed} changes in {seconds:.0f} s."
        say("Second run: the platform is already in the desired state, so there is nothing to do.")
        status, changed, seconds = converge(server, options)
        if status or changed:
            say(f"The second run should have changed nothing, but ended with status {status} and changed={changed}.")
            return status or 1
        second = f"Second run: changed=0 in {seconds:.0f} s."
    say(first + " " + second)
    print("Where to look next:")
    print("  examples/estate/          the estate as data: change it and run `make demo` again")
    print("  playbooks/site.yml        the playbook that created it")
    print("  README.md                 the modules, and your own playbook in five minutes")
    print("  make simulator            a shell with your own simulated platform to try them on")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
