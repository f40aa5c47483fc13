# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small model of how AWX runs job templates: from the data of ``controller_*.yml``, with ansible-runner.

It does what AWX 24.6.1 does where playbooks can notice it (``awx/main/tasks/jobs.py``, ``models/credential.py``,
``models/inventory.py``, ``models/mixins.py``): inventories are imported and exported again, credentials become
variables and files, survey answers are checked, all texts of a launch are marked unsafe, a sliced job gets a part of
the hosts, and nothing is left of a job but its events and artifacts. ``workflow.py`` has the workflows.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from jinja2.sandbox import ImmutableSandboxedEnvironment

SUCCESSFUL, FAILED = "successful", "failed"
# What AWX adds to the environment of an import, awx/main/constants.py.
IMPORT_ENVIRONMENT = {
    "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
    "ANSIBLE_INVENTORY_EXPORT": "True",
    "ANSIBLE_VERBOSE_TO_STDERR": "True",
    "ANSIBLE_HOST_PATTERN_MISMATCH": "error",
}
# What it adds to that of every job, awx/settings/defaults.py.
JOB_ENVIRONMENT = {
    "ANSIBLE_HOST_KEY_CHECKING": "False",
    "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
    "ANSIBLE_FORCE_COLOR": "True",
    "ANSIBLE_RETRY_FILES_ENABLED": "False",
}
# Names that no credential may set, awx/main/constants.py.
BLOCKED = {"VIRTUAL_ENV", "PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID", "INVENTORY_SOURCE_ID", "PROJECT_REVISION"}
# As in a container of a cluster: a user that nobody knows, in the group of the image's files.
USER, GROUP = 23456, 0
PROMPTS = {
    "limit": "ask_limit_on_launch",
    "job_tags": "ask_tags_on_launch",
    "skip_tags": "ask_skip_tags_on_launch",
    "job_type": "ask_job_type_on_launch",
    "inventory": "ask_inventory_on_launch",
    "credentials": "ask_credential_on_launch",
    "diff_mode": "ask_diff_mode_on_launch",
    "verbosity": "ask_verbosity_on_launch",
    "forks": "ask_forks_on_launch",
    "job_slice_count": "ask_job_slice_count_on_launch",
    "scm_branch": "ask_scm_branch_on_launch",
}


class LaunchError(Exception):
    """AWX would refuse this launch, or this data."""


@dataclass
class Job:
    """What AWX keeps of a job."""

    name: str
    status: str
    artifacts: dict[str, Any] = field(default_factory=dict)
    stdout: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    # What was given at the launch and did not reach the job.
    ignored: dict[str, Any] = field(default_factory=dict)
    extra_vars: dict[str, Any] = field(default_factory=dict)
    slices: list[Job] = field(default_factory=list)
    # Files in its private folder that have a secret, although no credential has put it there.
    leaks: list[str] = field(default_factory=list)

    @property
    def failures(self) -> list[str]:
        """The messages of failed tasks."""
        failed = [each for each in self.events if each.get("event") == "runner_on_failed"]
        return [str(each["event_data"].get("res", {}).get("msg", "")) for each in failed]


@dataclass
class Inventory:
    """What AWX stores of an inventory: hosts and groups, each with variables."""

    variables: dict[str, Any] = field(default_factory=dict)
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, listed: Mapping[str, Any]) -> None:
        """Store what ``ansible-inventory --list --export`` has printed."""
        for name, group in listed.items():
            if name == "_meta":
                continue
            for host in group.get("hosts", ()):
                self.hosts.setdefault(host, {})
            if name in ("all", "ungrouped"):
                self.variables |= group.get("vars", {})
                continue
            kept = self.groups.setdefault(name, {"hosts": [], "children": [], "vars": {}})
            kept["hosts"] += [host for host in group.get("hosts", ()) if host not in kept["hosts"]]
            kept["children"] += [child for child in group.get("children", ()) if child != "ungrouped"]
            kept["vars"] |= group.get("vars", {})
        for host, variables in listed.get("_meta", {}).get("hostvars", {}).items():
            self.hosts.setdefault(host, {}).update(variables)

    def script_data(self, number: int = 1, count: int = 1) -> dict[str, Any]:
        """Return what the inventory script of a job prints: of a slice every ``count``-th host, and all groups with
        their variables."""
        hosts = sorted(self.hosts)[number - 1 :: count]
        grouped = {host for group in self.groups.values() for host in group["hosts"]}
        data: dict[str, Any] = {"all": {"hosts": [host for host in hosts if host not in grouped]}}
        if self.variables:
            data["all"]["vars"] = self.variables
        for name, group in self.groups.items():
            shown = {**group, "hosts": [host for host in group["hosts"] if host in hosts]}
            data[name] = {key: value for key, value in shown.items() if value}
        data["all"]["children"] = list(self.groups)
        numbers = {host: number for number, host in enumerate(sorted(self.hosts), 1)}
        data["_meta"] = {
            "hostvars": {
                host: self.hosts[host] | {"remote_tower_enabled": "true", "remote_tower_id": numbers[host]}
                for host in hosts
            }
        }
        return data


class Controller:
    """A controller with the objects of its data, which has a list of each kind, such as ``templates``.

    ``project`` is the folder of the only project. ``environment`` is that of the execution environment. Everything else
    is below ``folder`` for as long as a job runs.
    """

    def __init__(
        self,
        data: Mapping[str, Sequence[Mapping[str, Any]]],
        project: Path,
        environment: Mapping[str, str],
        folder: Path,
    ) -> None:
        # Roles, which say who may do what, have no names.
        self._objects = {
            kind: {each["name"]: dict(each) for each in items if "name" in each} for kind, items in data.items()
        }
        self._project = project
        self._environment = dict(environment)
        self._folder = folder
        self._inventories: dict[str, Inventory] = {}
        self._numbers = iter(range(1, 1_000_000))
        self.jobs: list[Job] = []
        # What no job may leave in a file.
        self.secrets: list[str] = []
        # What the controller stored of each inventory.
        self.imported: list[str] = []

    def names(self, kind: str) -> list[str]:
        return list(self._objects.get(kind, {}))

    def find(self, kind: str, name: str) -> dict[str, Any]:
        try:
            return self._objects[kind][name]
        except KeyError:
            raise LaunchError(f"{kind}: there is no {name}") from None

    def kind_of(self, name: str) -> str:
        """Return whether a name is that of a job template or of a workflow."""
        return "templates" if name in self.names("templates") else "workflows"

    # Inventories

    def sync(self, name: str) -> Inventory:
        """Import all sources of an inventory, as an update at the launch does."""
        inventory = Inventory(dict(self.find("inventories", name).get("variables") or {}))
        for source in self._objects.get("inventory_sources", {}).values():
            if source["inventory"] == name:
                inventory.add(self._listed(source))
        for host in self._objects.get("hosts", {}).values():
            if host["inventory"] == name:
                inventory.hosts.setdefault(host["name"], {}).update(host.get("variables") or {})
        if not inventory.hosts:
            raise LaunchError(f"{name} has no hosts")
        self._inventories[name] = inventory
        self.imported.append(json.dumps(inventory.script_data()))
        return inventory

    def _listed(self, source: Mapping[str, Any]) -> dict[str, Any]:
        with self._private_folder() as private:
            environment = self._base_environment(private) | IMPORT_ENVIRONMENT | {"INVENTORY_UPDATE_ID": "1"}
            # No credential for vault: AWX cannot give one to a source (awx#14966).
            self.inject([source["credential"]] if source.get("credential") else [], environment, [], private)
            environment |= {str(name): str(value) for name, value in (source.get("source_vars") or {}).items()}
            path = private / "project" / source["source_path"]
            output = private / "output.json"
            command = ["ansible-inventory", "--list", "--export", "-i", str(path), "--output", str(output)]
            command += ["--playbook-dir", str(path if path.is_dir() else path.parent)]
            done = self._run(command, environment, private)
            if done.returncode:
                raise LaunchError(f"{source['name']}: {done.stdout}")
            return dict(json.loads(output.read_text(encoding="utf-8")))

    # Jobs

    def launch(self, name: str, answers: Mapping[str, Any] | None = None, **prompts: Any) -> Job:
        """Launch a job template as a user does: with answers to its survey, or other variables, and its prompts."""
        template = self.find("templates", name)
        accepted, ignored, errors = self.accept(template, answers or {})
        if errors:
            raise LaunchError(f"{name}: {'; '.join(errors)}")
        ignored |= {prompt: prompts.pop(prompt) for prompt in list(prompts) if not template.get(PROMPTS[prompt])}
        return self.run(template, accepted, prompts, ignored)

    def accept(
        self, template: Mapping[str, Any], given: Mapping[str, Any], needed: bool = True
    ) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
        """Return the accepted and the ignored variables of a launch, and what is wrong with answers."""
        accepted, rest, errors = {}, dict(given), []
        for question in questions_of(template):
            name = question["variable"]
            found = wrong_with(question, given, needed)
            errors += found
            if name in rest:
                value = rest.pop(name)
                if not found:
                    accepted[name] = value
        if template.get("ask_variables_on_launch"):
            return accepted | rest, {}, errors
        same = {name for name, value in rest.items() if (template.get("extra_vars") or {}).get(name) == value}
        return accepted, {name: value for name, value in rest.items() if name not in same}, errors

    def run(
        self,
        template: Mapping[str, Any],
        variables: Mapping[str, Any],
        prompts: Mapping[str, Any] | None = None,
        ignored: Mapping[str, Any] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> Job:
        """Run a job, or all slices of it at once; ``more`` are variables of the controller's own."""
        settings = {**template, **(prompts or {})}
        own = dict(template.get("extra_vars") or {})
        found = own | defaults_of(template) | dict(variables)
        inventory = self.sync(settings["inventory"])
        count = min(int(settings.get("job_slice_count") or 1), len(inventory.hosts))
        with ThreadPoolExecutor(count) as pool:
            slices = list(
                pool.map(
                    lambda number: self._job(settings, found, own, inventory, (number, count), more or {}),
                    range(1, count + 1),
                )
            )
        job = slices[0]
        if count > 1:
            good = all(each.status == SUCCESSFUL for each in slices)
            job = Job(template["name"], SUCCESSFUL if good else FAILED, slices=slices, extra_vars=found)
            for each in slices:
                job.artifacts |= each.artifacts
                job.events += each.events
                job.stdout += each.stdout
        job.ignored = dict(ignored or {})
        self.jobs.append(job)
        return job

    def _job(
        self,
        settings: Mapping[str, Any],
        variables: Mapping[str, Any],
        own: Mapping[str, Any],
        inventory: Inventory,
        part: tuple[int, int],
        more: Mapping[str, Any],
    ) -> Job:
        ident = str(next(self._numbers))
        meta = {"job_id": int(ident), "job_launch_type": "manual", "job_template_name": settings["name"], **more}
        meta |= {"inventory_name": settings["inventory"], "user_name": "operator"}
        known = dict(variables) | {
            f"{prefix}_{name}": value for prefix in ("awx", "tower") for name, value in meta.items()
        }
        with self._private_folder() as private:
            environment = self._base_environment(private) | JOB_ENVIRONMENT
            environment |= {"JOB_ID": ident, "INVENTORY_ID": "1", "PROJECT_REVISION": "0" * 40}
            passwords: dict[str, str] = {}
            arguments = [*_options(settings)]
            self.inject(settings.get("credentials") or [], environment, arguments, private, passwords)
            shown = json.dumps(inventory.script_data(*part))
            script = f"#! /usr/bin/env python3\n# -*- coding: utf-8 -*-\nprint({shown!r})\n"
            _write(private / "inventory" / "hosts", script, 0o700)
            _write(private / "env" / "extravars", marked(known, own))
            _write(private / "env" / "cmdline", shlex.join(arguments))
            _write(private / "env" / "envvars", json.dumps(environment))
            _write(private / "env" / "settings", json.dumps({"suppress_ansible_output": True}))
            if passwords:
                _write(private / "env" / "passwords", json.dumps(passwords))
            command = ["ansible-runner", "run", str(private), "--ident", ident, "-q", "--omit-env-files"]
            command += ["-p", settings["playbook"]]
            command += ["--inventory", str(private / "inventory" / "hosts")]
            done = self._run(command, self._base_environment(private), private)
            kept = private / "artifacts" / ident
            if not (kept / "rc").exists():
                raise LaunchError(f"{settings['name']} did not run: {done.stdout}")
            events = [json.loads(path.read_text(encoding="utf-8")) for path in (kept / "job_events").glob("*-*.json")]
            events.sort(key=lambda event: event["counter"])
            job = Job(
                settings["name"],
                SUCCESSFUL if (kept / "rc").read_text().strip() == "0" else FAILED,
                stdout=(kept / "stdout").read_text(encoding="utf-8").replace("\r\n", "\n"),
                events=events,
                extra_vars=known,
            )
            job.leaks = self._leaks(private)
            for event in events:
                job.artifacts = event.get("event_data", {}).get("artifact_data") or job.artifacts
            return job

    def _leaks(self, private: Path) -> list[str]:
        files = [path.relative_to(private) for path in private.rglob("*") if path.is_file()]
        # In env there is what the credentials are made of; command is the environment of the job.
        kept = [path for path in files if path.parts[0] != "env" and path.name != "command"]
        texts = {path: (private / path).read_bytes() for path in kept}
        return [str(path) for path, text in texts.items() if any(each.encode() in text for each in self.secrets)]

    # What a job finds on its disk and in its environment

    def _private_folder(self) -> Private:
        return Private(self._folder, self._project)

    def _base_environment(self, private: Path) -> dict[str, str]:
        """Return the environment of a container: its home is thrown away with it.

        The entry point of an image adds its user, with this home, to the passwords of the container, so that the folder
        for modules is there although AWX names root as the user.
        """
        home = {"HOME": str(private), "ANSIBLE_REMOTE_TMP": str(private / ".ansible" / "tmp")}
        return self._environment | home | {"AWX_PRIVATE_DATA_DIR": str(private)}

    def _run(
        self, command: Sequence[str], environment: Mapping[str, str], private: Path
    ) -> subprocess.CompletedProcess[str]:
        as_user: list[str] = []
        if os.geteuid() == 0:
            hand_over(private)
            as_user = ["setpriv", f"--reuid={USER}", f"--regid={GROUP}", "--clear-groups"]
            # The capability to read is that of the image's files, which are those of root here.
            as_user += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
        return subprocess.run(
            [*as_user, *command],
            cwd=private / "project",
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def inject(
        self,
        names: Iterable[str],
        environment: dict[str, str],
        arguments: list[str],
        private: Path,
        passwords: dict[str, str] | None = None,
    ) -> None:
        """Give a job its credentials, as the injectors of their types say."""
        seen: set[str] = set()
        for name in names:
            credential = self.find("credentials", name)
            kind, inputs = credential["credential_type"], dict(credential.get("inputs") or {})
            if kind == "Vault":
                if passwords is None:
                    raise LaunchError(f"{name}: an inventory source takes no vault password")
                kind += f" {inputs.get('vault_id', '')}"
                _ask_for_vault(inputs, arguments, passwords)
            elif kind in self.names("credential_types"):
                self._inject_one(self.find("credential_types", kind), inputs, environment, arguments, private)
            elif kind not in ("Machine", "Source Control"):
                raise LaunchError(f"{name}: there is no credential type {kind}")
            if kind in seen:
                raise LaunchError(f"{name}: a job takes one credential of the type {kind} (awx#5911)")
            seen.add(kind)

    @staticmethod
    def _inject_one(
        kind: Mapping[str, Any],
        inputs: Mapping[str, Any],
        environment: dict[str, str],
        arguments: list[str],
        private: Path,
    ) -> None:
        fields = {each["id"]: each for each in (kind.get("inputs") or {}).get("fields", ())}
        for unknown in set(inputs) - set(fields):
            raise LaunchError(f"{kind['name']} has no input {unknown}")
        for needed in (kind.get("inputs") or {}).get("required", ()):
            if inputs.get(needed, "") == "":
                raise LaunchError(f"{kind['name']} needs {needed}")
        # Like AWX: an empty text is not there at all, and a missing boolean is false.
        known: dict[str, Any] = {
            name: False for name, each in fields.items() if each.get("type") == "boolean" and name not in inputs
        }
        known |= {name: value for name, value in inputs.items() if isinstance(value, bool) or value}
        jinja = ImmutableSandboxedEnvironment()
        injectors = kind.get("injectors") or {}
        files: dict[str, str] = {}
        tower: dict[str, Any] = {}
        for label, text in injectors.get("file", {}).items():
            path = private / "env" / f"tmp{len(list((private / 'env').iterdir()))}"
            _write(path, jinja.from_string(text).render(**known))
            if "." in label:
                files[label.split(".")[1]] = str(path)
                tower["filename"] = files
            else:
                tower["filename"] = str(path)
        for name, text in injectors.get("env", {}).items():
            if name.startswith("ANSIBLE_") or name in BLOCKED:
                raise LaunchError(f"{kind['name']}: no credential may set {name}")
            environment[name] = jinja.from_string(text).render(tower=tower, **known)

        def rendered(node: Any) -> Any:
            if isinstance(node, Mapping):
                return {rendered(key): rendered(value) for key, value in node.items()}
            if isinstance(node, list):
                return [rendered(each) for each in node]
            return jinja.from_string(node).render(tower=tower, **known)

        variables = rendered(injectors.get("extra_vars", {}))
        # The management command of an import takes no variables.
        if variables and "INVENTORY_UPDATE_ID" not in environment:
            path = private / "env" / f"tmp{len(list((private / 'env').iterdir()))}"
            _write(path, marked(variables, {}), 0o400)
            arguments += ["-e", f"@{path}"]


class Private:
    """The private data folder of one job, with its copy of the project. Nothing is left of it."""

    def __init__(self, folder: Path, project: Path) -> None:
        self._folder, self._project = folder, project

    def __enter__(self) -> Path:
        self._path = Path(tempfile.mkdtemp(prefix="job-", dir=self._folder))
        for name in ("env", "inventory", "artifacts"):
            (self._path / name).mkdir(0o700)
        shutil.copytree(self._project, self._path / "project")
        return self._path

    def __exit__(self, *_error: object) -> None:
        shutil.rmtree(self._path)


def questions_of(template: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the questions of a survey that is enabled."""
    spec = template.get("survey_spec") or template.get("survey") or {}
    return list(spec.get("spec", ())) if template.get("survey_enabled") else []


def wrong_with(question: Mapping[str, Any], given: Mapping[str, Any], needed: bool = True) -> list[str]:
    """Return what AWX finds wrong with the answer to a question, awx/main/models/mixins.py."""
    name, kind = question["variable"], question["type"]
    if name not in given:
        return [f"'{name}' value missing"] if question.get("required") and needed else []
    value = given[name]
    types = {"integer": int, "float": (int, float), "multiselect": list}
    if kind != "multiplechoice" and (not isinstance(value, types.get(kind, str)) or isinstance(value, bool)):
        return [f"value {value!r} of '{name}' is not of the type {kind}"]
    if kind in ("multiselect", "multiplechoice"):
        choices = question["choices"]
        choices = [each for each in choices.splitlines() if each.strip()] if isinstance(choices, str) else choices
        chosen = value if kind == "multiselect" else [value]
        return [f"value {each!r} of '{name}' is not one of {choices}" for each in chosen if each not in choices]
    size = len(value) if isinstance(value, str) else value
    errors = []
    if question.get("min") not in ("", None) and size < int(question["min"]):
        errors.append(f"'{name}' is too small, less than {question['min']}")
    if question.get("max") not in ("", None) and size > int(question["max"]):
        errors.append(f"'{name}' is too large, more than {question['max']}")
    return errors


def defaults_of(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults of a survey that its own rules accept. An empty text is one, too."""
    found = {}
    for question in questions_of(template):
        default = question.get("default")
        if default is not None and not wrong_with(question, {question["variable"]: default}):
            found[question["variable"]] = default
    return found


def _options(settings: Mapping[str, Any]) -> Iterable[str]:
    """Yield the options of ansible-playbook. AWX always names a user."""
    if settings.get("job_type") == "check":
        yield "--check"
    yield from ("-u", "root")
    if settings.get("become_enabled"):
        yield "--become"
    if settings.get("diff_mode"):
        yield "--diff"
    if settings.get("forks"):
        yield f"--forks={settings['forks']}"
    if settings.get("limit"):
        yield from ("-l", settings["limit"])
    if settings.get("verbosity"):
        yield "-" + "v" * min(5, int(settings["verbosity"]))
    if settings.get("job_tags"):
        yield from ("-t", settings["job_tags"])
    if settings.get("skip_tags"):
        yield f"--skip-tags={settings['skip_tags']}"


def _ask_for_vault(inputs: Mapping[str, Any], arguments: list[str], passwords: dict[str, str]) -> None:
    name = inputs.get("vault_id")
    arguments += ["--vault-id", f"{name}@prompt"] if name else ["--ask-vault-pass"]
    prompt = rf"Vault password \({name}\):\s*?$" if name else r"Vault password:\s*?$"
    passwords[prompt] = inputs["vault_password"]


class _Unsafe(yaml.SafeDumper):
    """Marks all texts as unsafe, so that no template in them is evaluated, awx/main/utils/safe_yaml.py."""

    def represent_data(self, data: Any) -> yaml.Node:
        return self.represent_scalar("!unsafe", data) if isinstance(data, str) else super().represent_data(data)


def marked(variables: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    """Return variables as YAML. Only what the template itself says, ``own``, is trusted."""
    texts = []
    for name, value in variables.items():
        dumper = yaml.SafeDumper if name in own and own[name] == value else _Unsafe
        texts.append(yaml.dump({name: value}, Dumper=dumper, default_flow_style=False))
    return "".join(texts) or "{}\n"


def _write(path: Path, text: str, mode: int = 0o600) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def hand_over(folder: Path) -> None:
    """Let the folder of a job be its user's."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, USER, GROUP, follow_symlinks=False)
