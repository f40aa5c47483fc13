# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the molecule scenarios, or those named, one after the other, and count them: ``molecule.py [SCENARIO ...]``"""

from __future__ import annotations

import argparse
import secrets
import socket
import subprocess
import sys
import time

from common import COLLECTION, ROOT, ansible_environment, print_counts


def free_port() -> int:
    """Return a free port: molecule's settings must contain it before the simulator starts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    names = parser.parse_args().scenarios or sorted(
        path.parent.name for path in (ROOT / "extensions" / "molecule").glob("*/molecule.yml")
    )
    failed = 0
    for name in names:
        started = time.monotonic()
        print(f"Running molecule scenario {name}", flush=True)
        command = ["molecule", "test", "--scenario-name", name]
        environment = ansible_environment("molecule") | {
            "ANSIBLE_NOCOLOR": "1",
            "NO_COLOR": "1",
            "SIMULATOR_PASSWORD": "Sim1-" + secrets.token_urlsafe(18),
            "SIMULATOR_PORT": str(free_port()),
            "PEER_PORT": str(free_port()),
        }
        status = subprocess.run(
            command, cwd=COLLECTION, env=environment, stdin=subprocess.DEVNULL, check=False
        ).returncode
        print(f"{'ok    ' if status == 0 else 'FAILED'} {name} ({time.monotonic() - started:.1f} s)", flush=True)
        failed += status != 0
    return print_counts(len(names) - failed, failed)


if __name__ == "__main__":
    sys.exit(main())
