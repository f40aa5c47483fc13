# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the environments of AWX without containers: ``environments.py [NAME ...]``

ansible-builder makes the build context of the offline definitions in execution-environment/ and decision-environment/.
Its Containerfile is then replayed in a fresh virtual environment for each ansible-core: the same calls of pip and
ansible-galaxy, with the same folder of wheels and tarballs, without an index. Only what the system's package manager
does is left out. In each execution environment ansible-runner plays the demonstration twice, as a user without a name,
as in a container.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import importer

import simulator
from common import BUILD, ROOT, print_counts, venv_bin

FOLDER = BUILD / "environments"
PYTHONS = "3.12 3.13"
RUNNER = "ansible-runner>=2.4,<3"
# What ansible-builder installs in its stages.
STAGES = ("bindep", "dumb-init==1.2.5", "packaging", "pyyaml", "requests>=2.28,<3")
# Each environment, the definition that it is made of, and its ansible-core.
ENVIRONMENTS = {
    "core-2.16": ("execution-environment", "ansible-core>=2.16,<2.17"),
    "core-2.18": ("execution-environment", "ansible-core>=2.18,<2.19"),
    "core-2.20": ("execution-environment", "ansible-core>=2.20,<2.21"),
    "core-2.21": ("execution-environment", "ansible-core>=2.21,<2.22"),
    "decision": ("decision-environment", "ansible-core>=2.16,<2.22"),
}
# The folders of an image, which are below a folder of the environment here.
OF_THE_IMAGE = re.compile(r"(?<![\w./-])/(?=(?:build|opt/builder|output|runner|tmp/src|usr/share/ansible|wheels)\b)")
# What needs the system's package manager, or is about the image itself.
LEFT_OUT = re.compile(
    r"\$PKGMGR |/output/scripts/pip_install |chmod ug\+rw /etc/passwd|mkdir -p /runner|rm -rf /output$"
)
# These two install packages of the system, and between them what introspect.py has found.
ASSEMBLE, INSTALL = "/output/scripts/assemble", "/output/scripts/install-from-bindep"
COLLECTIONS = "usr/share/ansible/collections"
# A user of a container has a number, the group root, and no name. The files of the image can be read by everybody; here
# some are below the home of root.
NOBODY = "23456"
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", "--regid=0", "--clear-groups"]
AS_NOBODY += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]


class Failed(Exception):
    """An environment cannot be made, or does not do what it should."""


@dataclass
class Stage:
    """A stage of a Containerfile: its lines are replayed in this folder, with these variables."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Yield the instructions of a Containerfile."""
    for line in text.splitlines():
        word, _blank, rest = line.strip().partition(" ")
        if word and not word.startswith("#"):
            yield word, rest.strip()


class Replay:
    """A Containerfile that is replayed with a virtual environment in place of the Python of the image."""

    def __init__(self, context: Path, root: Path, arguments: Mapping[str, str]) -> None:
        self.context, self.root, self.venv = context, root, root / "venv"
        self.arguments = dict(arguments)
        self.stage = Stage(root)

    def run(self) -> None:
        python = subprocess.run(
            [str(ROOT / "tools" / "find-python.sh"), *PYTHONS.split()], check=True, capture_output=True, text=True
        ).stdout.strip()
        subprocess.run([python, "-m", "venv", str(self.venv)], check=True)
        self.arguments["PYCMD"] = str(self.venv / "bin" / "python")
        for word, rest in instructions((self.context / "Containerfile").read_text(encoding="utf-8")):
            if word == "ARG":
                name, _equals, value = rest.partition("=")
                self.arguments.setdefault(name, value.strip('"'))
            elif word == "FROM":
                # A stage has the variables of the one that it is based on. There is one such chain, so they are kept.
                self.stage = Stage(self.root, self.stage.variables)
            elif word == "ENV":
                self.stage.variables |= dict(each.split("=", 1) for each in shlex.split(self.here(rest)))
            elif word == "WORKDIR":
                self.stage.folder = Path(self.here(rest))
                self.stage.folder.mkdir(parents=True, exist_ok=True)
            elif word == "COPY":
                self.copy(rest)
            elif word == "RUN":
                self.do(rest)

    def here(self, text: str) -> str:
        return OF_THE_IMAGE.sub(f"{self.root}/", text)

    def copy(self, text: str) -> None:
        """Copy what is in the context. The stages share their files here."""
        *options, source, target = text.split()
        if options:
            return
        found, dest = self.context / source, Path(os.path.join(self.stage.folder, self.here(target)))
        if found.is_dir():
            shutil.copytree(found, dest, dirs_exist_ok=True)
        else:
            dest.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(found, dest)

    def do(self, command: str) -> None:
        if LEFT_OUT.match(command) or command == ASSEMBLE:
            return
        if command.startswith(INSTALL):
            command = "$PYCMD -m pip install -r /tmp/src/requirements.txt"
        # It looks at this folder unless it is told another one.
        command = command.replace("introspect.py introspect ", f"introspect.py introspect /{COLLECTIONS} ")
        variables = {
            **{name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR") if name in os.environ},
            "HOME": str(self.root / "home"),
            "PATH": f"{self.venv / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_CONFIG_FILE": os.devnull,
            **self.arguments,
            **self.stage.variables,
        }
        done = subprocess.run(
            ["bash", "-c", self.here(command)],
            cwd=self.stage.folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(f"$ {command}\n{done.stdout}", flush=True)
        if done.returncode:
            raise Failed(f"{command}: status {done.returncode}")


def download(wheels: Path, names: list[str]) -> None:
    """Fill the folder of wheels: with what the locks have, and with what the other versions of ansible-core need."""
    wheels.mkdir(parents=True)
    python = subprocess.run(
        [str(ROOT / "tools" / "find-python.sh"), *PYTHONS.split()], check=True, capture_output=True, text=True
    ).stdout.strip()
    command = [python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", str(wheels)]
    for definition in sorted({ENVIRONMENTS[name][0] for name in names}):
        subprocess.run([*command, "--requirement", str(ROOT / "requirements" / f"{definition}.txt")], check=True)
    for core in sorted({ENVIRONMENTS[name][1] for name in names}):
        subprocess.run([*command, core, RUNNER, *STAGES], check=True)


def create(definition: str, wheels: Path, tarball: Path) -> Path:
    """Return the build context that ansible-builder makes of an offline definition."""
    folder = FOLDER / definition
    shutil.copytree(ROOT / definition, folder, ignore=shutil.ignore_patterns("offline", "context"))
    (folder / "offline" / "collections").mkdir(parents=True)
    shutil.copy(tarball, folder / "offline" / "collections")
    shutil.copytree(wheels, folder / "offline" / "wheels")
    builder = [
        str(venv_bin() / "ansible-builder"),
        "create",
        "--file",
        "offline.yml",
        "--output-filename",
        "Containerfile",
    ]
    subprocess.run([*builder, "--context", "context"], cwd=folder, check=True)
    return folder / "context"


def files_of(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))}


def play(replay: Replay) -> None:
    """Play the demonstration twice under ansible-runner, the second time without a change."""
    collections = replay.root / COLLECTIONS
    collection = collections / "ansible_collections" / "gaussdb" / "tpops"
    estate = collection / "examples" / "estate"
    before = files_of(collections)
    with simulator.running(speed=600) as server, tempfile.TemporaryDirectory() as folder:
        private = Path(folder)
        certificate = private / "ca.pem"
        shutil.copy(server.ca_path, certificate)
        variables = {
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_VAULT_PASSWORD_FILE": str(estate / "vault-password.example"),
            "HOME": str(private),
            "LC_ALL": "C.UTF-8",
            "PATH": f"{replay.venv / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin",
            **server.environment(),
            "GAUSSDB_TPOPS_CA_PATH": str(certificate),
        }
        root = os.geteuid() == 0
        if root:
            for path in (private, certificate):
                os.chown(path, int(NOBODY), 0)
        changes = []
        for ident in ("first", "again"):
            command = [str(replay.venv / "bin" / "ansible-runner"), "run", str(private), "--ident", ident]
            command += ["-p", "gaussdb.tpops.site", "--inventory", str(estate / "inventory.yml")]
            prefix = AS_NOBODY if root else []
            status = subprocess.run([*prefix, *command], env=variables, cwd=private, check=False).returncode
            shown = (private / "artifacts" / ident / "stdout").read_text(encoding="utf-8")
            if status:
                raise Failed(f"the demonstration ended with status {status}")
            changes.append(sum(map(int, re.findall(r"ok=\d+.*?changed=\D*(\d+)", shown))))
        if not changes[0] or changes[1]:
            raise Failed(f"the demonstration made {changes[0]} changes, and {changes[1]} when it ran again")
        if before != files_of(collections):
            raise Failed("something was written to the installed collection")


def check_rulebook(replay: Replay) -> None:
    """Check that ansible-rulebook starts where the collection is."""
    command = [str(replay.venv / "bin" / "ansible-rulebook"), "--version"]
    subprocess.run(command, check=True, env={**os.environ, "HOME": str(replay.root / "home")})


def make(name: str, contexts: Mapping[str, Path]) -> None:
    definition, core = ENVIRONMENTS[name]
    root = FOLDER / name
    root.mkdir()
    (root / "home").mkdir()
    replay = Replay(contexts[definition], root, {"ANSIBLE_INSTALL_REFS": f"{core} {RUNNER}"})
    replay.run()
    found = json.loads(
        subprocess.run(
            [replay.arguments["PYCMD"], "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    )
    versions = {each["name"]: each["version"] for each in found}
    print(f"{name}: ansible-core {versions['ansible-core']}, requests {versions['requests']}", flush=True)
    if definition == "execution-environment":
        play(replay)
    else:
        check_rulebook(replay)


def main() -> int:
    names = sys.argv[1:] or list(ENVIRONMENTS)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    wheels = FOLDER / "wheels"
    download(wheels, names)
    tarball = importer.build()
    contexts = {each: create(each, wheels, tarball) for each in sorted({ENVIRONMENTS[name][0] for name in names})}
    failed = 0
    for name in names:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            make(name, contexts)
            said = "ok"
        except (Failed, subprocess.CalledProcessError) as error:
            failed, said = failed + 1, f"FAILED: {error}"
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"=== {name}: {said} ({seconds:.0f} s of CPU)", flush=True)
    print_counts(len(names) - failed, failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
