# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads a description with the place of each value, and without a look at any secret.

Templates are filled in value by value, so that what cannot be known concerns nothing else. What is encrypted, and what
belongs into an option for secrets, is not filled in, and needs neither a key nor a variable.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES

try:
    from ansible.template import is_trusted_as_template as is_template
except ImportError:  # Before ansible-core 2.19 every text is a template, unless it is marked.
    from ansible.utils.unsafe_proxy import AnsibleUnsafe

    def is_template(value: str) -> bool:
        return not isinstance(value, AnsibleUnsafe)


from .files import SITE, files_of, load_file, load_plain_file
from .options import Secrets
from .problems import Position
from .secrets import texts_of

# Where in a description: keys, and positions in lists.
Place = tuple[Any, ...]
# Stands for a secret that is not looked at. It passes the rules for passwords, because it says nothing about one.
UNSEEN = "Unseen-secret-0"
# How Ansible names the type of a value that is encrypted by itself: before 2.19, and since.
_ENCRYPTED = ("AnsibleVaultEncryptedUnicode", "EncryptedString")
_VAULT = "$ANSIBLE_VAULT;"
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_TEMPLATE = re.compile(r"\{\{|\{%|\{#")


@dataclass
class Description:
    """A description as it was read."""

    # The data: without templates, and with UNSEEN for each secret.
    data: Any = field(default_factory=dict)
    # Whether there is any, be it empty.
    exists: bool = False
    # What it was read from, each with its place: functions that return the values of variables and files as they are
    # written.
    sources: list[tuple[Place, Callable[[], Any]]] = field(default_factory=list)
    # The files among them.
    files: dict[Place, Position] = field(default_factory=dict)
    # What could not be read.
    problems: list[tuple[Place, str]] = field(default_factory=list)
    # The places of values that nobody may look at although no secret belongs there.
    unseen: set[Place] = field(default_factory=set)
    # The secrets in the data, where they are revealed.
    secrets: set[str] = field(default_factory=set)

    def refuse(self, place: Place, problem: str) -> None:
        """Note that a value cannot be read. No other problem follows from that."""
        self.problems.append((place, problem))
        self.unseen.add(place)

    @cached_property
    def positions(self) -> dict[Place, Position]:
        """Where it is written, as far as that is known. It takes longer than the reading, and only problems need it."""
        positions = dict(self.files)
        for place, source in self.sources:
            _take_positions(source(), place, positions)
        return positions


def _take_positions(raw: Any, place: Place, positions: dict[Place, Position]) -> None:
    position = position_of(raw)
    if position:
        positions.setdefault(place, position)
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            inside = (*place, str(key))
            position = position_of(key)
            if position:
                positions[inside] = position
            _take_positions(value, inside, positions)
    elif isinstance(raw, (list, tuple)):
        for index, entry in enumerate(raw):
            _take_positions(entry, (*place, index), positions)


class Reader:
    """Reads descriptions for one host.

    ``variables`` are those of the host as they are written, ``fill_in`` fills in a template, ``loader`` is Ansible's
    for files of YAML, ``secrets`` says where secrets are. With ``reveal`` secrets are read like all else, and what
    cannot be decrypted cannot be read.
    """

    def __init__(
        self,
        variables: Mapping[str, Any],
        fill_in: Callable[[Any], Any],
        loader: Any,
        secrets: Secrets,
        reveal: bool = False,
    ) -> None:
        self._variables = variables
        self._fill_in = fill_in
        self._loader = loader
        self._secrets = secrets
        self._reveal = reveal
        # The variables that are being read: one that leads to itself is left to Ansible, which says so.
        self._named: list[str] = []

    def read_variables(self, names: Iterable[str]) -> Description:
        """Return the values of those of the variables that exist, as a dictionary."""
        found = Description(exists=True)
        given = {name: self._variables[name] for name in names if name in self._variables}
        found.data = self._read_source(given, (), found, self._secrets)
        return found

    def read_variable(self, name: str, kind: type = dict) -> Description:
        """Return what a variable describes, which is a dictionary or a list."""
        found = Description()
        value = self._read_source(self._variables.get(name), (), found, self._secrets)
        if isinstance(value, kind):
            found.data, found.exists = value, True
        elif value is not None:
            found.problems.append(((), "not a dictionary" if kind is dict else "not a list"))
        return found

    def read_tree(self, folder: str) -> Description:
        """Return what a folder describes: ``site.yml``, and a file for each instance in ``instances``."""
        found = Description()
        site, files = files_of(folder)
        if not site and not files:
            found.problems.append(((), f"{shown_path(folder)} has neither {SITE} nor {INSTANCES}/*.yml"))
            return found
        found.exists = True
        if site:
            self._read_file(site, (), found)
        written = found.data.get(INSTANCES)
        entries = list(written) if isinstance(written, list) else []
        if written is not None and not isinstance(written, list):
            found.problems.append(((INSTANCES,), "not a list"))
        for path in files:
            place = (INSTANCES, len(entries))
            entries.append(self._read_file(path, place, found))
        if entries:
            found.data[INSTANCES] = entries
        self._report_names_in_two_files(found)
        return found

    def _read_file(self, path: Path, place: Place, found: Description) -> Any:
        found.files[place] = Position(shown_path(str(path)), 1)
        try:
            raw = load_plain_file(self._loader, str(path))
        except AnsibleError as error:
            found.refuse(place, f"{shown_path(str(path))} cannot be read: {first_line(error)}")
            return None
        secrets = self._secrets.inside(INSTANCES) if place else self._secrets
        found.sources.append((place, partial(load_file, self._loader, str(path))))
        value = self._read(raw, place, found, secrets)
        if not isinstance(value, dict):
            found.refuse(place, "not a dictionary" if value is not None else "the file is empty")
            value = None
        if not place:
            found.data = value or {}
        return value

    @staticmethod
    def _report_names_in_two_files(found: Description) -> None:
        seen: dict[str, Place] = {}
        for index, entry in enumerate(found.data.get(INSTANCES) or ()):
            name = entry.get("name") if isinstance(entry, dict) else None
            if name is None:
                continue
            place = (INSTANCES, index)
            first = seen.setdefault(str(name), place)
            if first != place and found.positions.get(first) != found.positions.get(place):
                text = f"{name} is described in two files, also in {found.positions[first]}"
                found.refuse((*place, "name"), text)

    def _read_source(self, raw: Any, place: Place, found: Description, secrets: Secrets | None) -> Any:
        found.sources.append((place, lambda: raw))
        return self._read(raw, place, found, secrets)

    def _read(self, raw: Any, place: Place, found: Description, secrets: Secrets | None) -> Any:
        """Return what a value means, in the types of Python: those of Ansible know more than is needed here."""
        if isinstance(raw, str):
            text = str(raw)
            if "{" in text and _TEMPLATE.search(text) and not is_literal(raw):
                return self._read_template(raw, place, found, secrets)
            return self._decrypted(raw, place, found) if text.startswith(_VAULT) else text
        if raw is None or isinstance(raw, (bool, int, float)):
            return raw
        if isinstance(raw, Mapping):
            return self._read_mapping(raw, place, found, secrets)
        if isinstance(raw, (list, tuple)):
            return [self._read(entry, (*place, index), found, secrets) for index, entry in enumerate(raw)]
        return self._decrypted(raw, place, found) if is_encrypted(raw) else raw

    def _read_mapping(
        self, raw: Mapping[Any, Any], place: Place, found: Description, secrets: Secrets | None
    ) -> dict[Any, Any]:
        read = {}
        for key, value in raw.items():
            name = str(key)
            known = secrets.inside(name) if secrets else None
            read_value = self._read_secret if known and known.itself else self._read
            read[name if isinstance(key, str) else key] = read_value(value, (*place, name), found, known)
        return read

    def _read_secret(self, raw: Any, place: Place, found: Description, secrets: Secrets | None) -> Any:
        if not self._reveal:
            return _unseen(raw)
        value = self._read(raw, place, found, secrets)
        found.secrets.update(texts_of(value))
        return value

    def _decrypted(self, raw: Any, place: Place, found: Description) -> str | None:
        if not self._reveal:
            found.unseen.add(place)
            return None
        try:
            # Before 2.19 such a value decrypts itself when it is asked for its text.
            return str(self._fill_in(raw))
        except AnsibleError as error:
            found.refuse(place, first_line(error))
            return None

    def _read_template(self, raw: str, place: Place, found: Description, secrets: Secrets | None) -> Any:
        name = _VARIABLE.fullmatch(raw.strip())
        if name and name[1] in self._variables and name[1] not in self._named:
            # As it is written, so that secrets inside of it are not looked at either.
            self._named.append(name[1])
            try:
                return self._read_source(self._variables[name[1]], place, found, secrets)
            finally:
                self._named.pop()
        try:
            value = self._fill_in(raw)
        except Exception as error:  # Ansible has many, of which several are errors of Python.
            encrypted = "decrypt" in str(error).lower() or "vault" in type(error).__name__.lower()
            if encrypted and not self._reveal:
                found.unseen.add(place)
            else:
                found.refuse(place, first_line(error))
            return None
        if not isinstance(value, str):
            return self._read_source(value, place, found, secrets)
        if _TEMPLATE.search(value) and is_template(value):
            # Before 2.19 a template of an undefined variable may come back as it is.
            found.refuse(place, "refers to a variable that is not defined")
            return None
        return str(value)


def is_encrypted(raw: Any) -> bool:
    return type(raw).__name__ in _ENCRYPTED or (isinstance(raw, str) and str(raw).startswith(_VAULT))


def is_literal(raw: Any) -> bool:
    """Return whether Ansible fills in nothing in a text that looks like a template: it is written with ``!unsafe``."""
    # Since 2.19 only texts that Ansible itself has read know.
    return not is_template(raw) and (getattr(raw, "__UNSAFE__", False) or position_of(raw) is not None)


def _unseen(raw: Any) -> Any:
    """Return what stands for a secret: itself only where it is written in plain text."""
    if is_encrypted(raw) or (isinstance(raw, str) and _TEMPLATE.search(raw)):
        return UNSEEN
    if isinstance(raw, Mapping):
        return {str(key): _unseen(value) for key, value in raw.items()}
    return raw


def position_of(raw: Any) -> Position | None:
    """Return where a value is written, as Ansible's reader of YAML has noted it."""
    place = getattr(raw, "ansible_pos", None)
    if place:
        return Position(shown_path(str(place[0])), int(place[1])) if place[0] and place[1] else None
    origin = _origin(raw)
    if origin is None or not origin.path or not origin.line_num:
        return None
    return Position(shown_path(str(origin.path)), int(origin.line_num))


def _origin(raw: Any) -> Any:
    # Since 2.19 it is a tag, which has no public name. Without it messages lack file and line.
    try:
        from ansible._internal._datatag._tags import Origin
    except ImportError:
        return None
    return Origin.get_tag(raw)


def shown_path(path: str) -> str:
    """Return a path as people in the current folder have it."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def first_line(error: BaseException) -> str:
    """Return what an error of Ansible says, without the lines about where it is, and without any value."""
    text = (str(getattr(error, "message", None) or error) or type(error).__name__).splitlines()[0]
    # Before 2.19 Ansible quotes the template, which may be a secret, and says everything twice.
    text = text.partition(" String: ")[0].rstrip(".")
    first, _dot, rest = text.partition(". ")
    return first if rest == first else text
