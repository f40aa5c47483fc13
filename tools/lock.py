# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the locks ``requirements/*.txt`` from the ranges ``requirements/*.in``: ``lock.py [--check | ARGUMENT ...]``

A lock has one version of everything that an environment needs, with the hashes of its files, for every Python and every
system. uv computes it and keeps the versions that still fit; ``--upgrade`` and other arguments are passed to it.
``--check`` uses no index: it only lists where a lock does not fit its ranges. Run it with the Python of .venv-dev.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import tomllib
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from common import BUILD, ROOT, venv_bin

FOLDER = ROOT / "requirements"
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
# Each lock, and the oldest Python that the Makefile uses for its environment.
LOCKS = {
    "awx": "3.11",
    "core-2.18": "3.12",
    "core-2.20": "3.12",
    "decision-environment": "3.12",
    "demo": "3.11",
    "events": "3.11",
    "execution-environment": "3.12",
    "mutants": "3.11",
    "oldest": "3.10",
    "test": "3.11",
    "uv": "3.10",
}
# It is in the repository, so it has no file to hash.
OWN = "tpops-simulator"
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


class Pin(NamedTuple):
    requirement: Requirement
    hashes: int
    # Whether uv reports that the ranges themselves require it.
    direct: bool


def compile_lock(name: str, arguments: list[str]) -> bool:
    """Update the lock, and return whether it changed."""
    lock = FOLDER / f"{name}.txt"
    made = BUILD / "lock" / lock.name
    made.parent.mkdir(parents=True, exist_ok=True)
    made.unlink(missing_ok=True)
    if lock.exists():
        shutil.copyfile(lock, made)
    command = [
        *(str(venv_bin() / "uv"), "pip", "compile", "--quiet", "--universal", "--python-version", LOCKS[name]),
        *("--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-emit-package", OWN),
        *("--custom-compile-command", "make lock", "--output-file", str(made), f"requirements/{name}.in"),
        *arguments,
    ]
    subprocess.run(command, cwd=ROOT, env=_environment(), stdout=subprocess.DEVNULL, check=True)
    if lock.exists() and lock.read_bytes() == made.read_bytes():
        return False
    shutil.copyfile(made, lock)
    return True


def _environment() -> dict[str, str]:
    """Pass pip's index to uv, as tools/venv.sh does."""
    asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    index = os.environ.get("PIP_INDEX_URL", answer)
    return ({"UV_DEFAULT_INDEX": index} if index else {}) | dict(os.environ)


def read_ranges(path: str) -> Iterator[Requirement]:
    """Yield the requirements of the file, and the files and projects of this repository that it includes."""
    for line in (ROOT / path).read_text(encoding="utf-8").splitlines():
        option, _blank, value = (text := line.partition("#")[0].strip()).partition(" ")
        if option == "-r":
            yield from read_ranges(f"requirements/{value}")
        elif option == "-e":
            project = tomllib.loads((ROOT / value / "pyproject.toml").read_text(encoding="utf-8"))
            yield from map(Requirement, [*project["project"]["dependencies"], *project["build-system"]["requires"]])
        elif text:
            yield Requirement(text)


def read_pins(text: str) -> Iterator[Pin]:
    """Yield the entries of the lock: a line each, with the comments below it that show what requires it."""
    for line, comments in re.findall(r"^([^\s#].*)\n((?:\s+#.*\n?)*)", text.replace("\\\n", " "), re.MULTILINE):
        requirement = Requirement(line.partition(" --hash=")[0].strip())
        yield Pin(requirement, len(HASH.findall(line)), " -r requirements/" in comments)


def problems(name: str) -> Iterator[str]:
    """Yield messages about where the lock does not fit the ranges."""
    lock = FOLDER / f"{name}.txt"
    if name not in LOCKS or not lock.exists():
        yield "is missing" if name in LOCKS else "is not in the list of tools/lock.py"
        return
    text = lock.read_text(encoding="utf-8")
    if re.search(r"://|^\s*-", text.replace("\\\n", " "), re.MULTILINE):
        yield "contains an address or an option"
        return
    ranges = list(read_ranges(f"requirements/{name}.in"))
    pins = list(read_pins(text))
    asked = {_name(each) for each in ranges}
    for pin in pins:
        if not pin.hashes:
            yield f"has no hash of {pin.requirement}"
        if not re.fullmatch(r"==[^*,]+", str(pin.requirement.specifier)):
            yield f"does not pin {pin.requirement}"
        if pin.direct and _name(pin.requirement) not in asked:
            yield f"holds {pin.requirement}, which nothing requires any more"
    for python in PYTHONS[PYTHONS.index(LOCKS[name]) :]:
        held = [pin.requirement for pin in pins if _counts(pin.requirement, python)]
        for requirement in ranges:
            if _counts(requirement, python):
                versions = [str(each.specifier).lstrip("=") for each in held if _name(each) == _name(requirement)]
                if len(versions) != 1 or not requirement.specifier.contains(versions[0], prereleases=True):
                    yield f"has for {requirement} on Python {python}: {', '.join(versions) or 'nothing'}"


def _name(requirement: Requirement) -> str:
    return canonicalize_name(requirement.name)


def _counts(requirement: Requirement, python: str) -> bool:
    where: dict[str, Any] = {
        **default_environment(),
        "python_version": python,
        "python_full_version": f"{python}.0",
    }
    return requirement.marker is None or requirement.marker.evaluate(where)


def check() -> int:
    names = sorted({*LOCKS, *(path.stem for path in FOLDER.glob("*.in"))})
    found = [f"requirements/{name}.txt {problem}" for name in names for problem in problems(name)]
    for problem in found:
        print(problem)
    if found:
        print("Run `make lock` and commit the result.")
    return 1 if found else 0


def main() -> int:
    if sys.argv[1:] == ["--check"]:
        return check()
    if not (venv_bin() / "uv").exists():
        print("uv could not be installed here, and no other tool creates a lock for all Pythons.", file=sys.stderr)
        return 1
    for name in LOCKS:
        print(f"requirements/{name}.txt {'written' if compile_lock(name, sys.argv[1:]) else 'unchanged'}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
