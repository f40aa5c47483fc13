# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the linters one after the other and count them: ``lint.py [NAME ...]`` runs only those named.

All of them run, even after a failure, so that one run shows everything to fix.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from common import COLLECTION, ROOT, ansible_environment, print_counts

PIPELINES = "examples/gitops"
SHELL_SCRIPTS = sorted(
    str(path.relative_to(ROOT))
    for path in (*(ROOT / "tools").glob("*.sh"), *(ROOT / ".ci").iterdir(), *(ROOT / PIPELINES / "ci").iterdir())
    if path.suffix in ("", ".sh")
)

# name: (command, folder)
LINTERS = {
    "ruff": (["ruff", "check", "--quiet", "."], ROOT),
    "ruff-format": (["ruff", "format", "--quiet", "--check", "."], ROOT),
    "mypy": (["mypy", "--no-error-summary"], ROOT),
    "ruff-simulator": (["ruff", "check", "--quiet", "."], ROOT / "simulator"),
    "ruff-format-simulator": (["ruff", "format", "--quiet", "--check", "."], ROOT / "simulator"),
    "generated": ([sys.executable, "tools/generate.py", "--check"], ROOT),
    "locks": ([sys.executable, "tools/lock.py", "--check"], ROOT),
    "shellcheck": (["shellcheck", *SHELL_SCRIPTS], ROOT),
    "changelog": (["antsibull-changelog", "lint"], ROOT),
    "changelog-fresh": ([sys.executable, "tools/changelog.py", "--check"], ROOT),
    "licences": (["reuse", "lint", "--quiet"], ROOT),
    "gitlab-pipelines": (
        [
            *("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
            f"{PIPELINES}/.gitlab-ci.yml",
        ],
        ROOT,
    ),
    "github-workflows": (
        [
            *("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
            *sorted(str(path.relative_to(ROOT)) for path in (ROOT / PIPELINES / ".github" / "workflows").glob("*.yml")),
        ],
        ROOT,
    ),
    "ansible-lint": (["ansible-lint", "--offline", "--nocolor", "-q"], COLLECTION),
}
DOCS = {
    "collection-docs": (
        [
            *("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--check-extra-docs-refs"),
            *("--validate-collection-refs", "all", "--disallow-unknown-collection-refs", "."),
        ],
        COLLECTION,
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(LINTERS)} (default) and {', '.join(DOCS)}"
    )
    names = parser.parse_args().names or list(LINTERS)
    known = LINTERS | DOCS
    failed = 0
    for name in names:
        command, folder = known[name]
        started = time.monotonic()
        result = subprocess.run(
            command, cwd=folder, env=ansible_environment(), capture_output=True, text=True, check=False
        )
        print(
            f"{'ok    ' if result.returncode == 0 else 'FAILED'} {name} ({time.monotonic() - started:.1f} s)",
            flush=True,
        )
        if result.returncode:
            failed += 1
            print(result.stdout + result.stderr, flush=True)
    return print_counts(len(names) - failed, failed)


if __name__ == "__main__":
    sys.exit(main())
