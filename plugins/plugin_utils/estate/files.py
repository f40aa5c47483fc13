# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files of a description that is a tree."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from itertools import chain, islice
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES, children_of

try:
    from ansible.template import trust_as_template
except ImportError:  # Before ansible-core 2.19 every text is a template, unless it is marked.

    def trust_as_template(value: str) -> str:
        return value


SITE = "site.yml"


def files_of(folder: str) -> tuple[Path | None, list[Path]]:
    """Return the file about the whole platform, if there is one, and the files with one instance each."""
    root = Path(folder)
    site = root / SITE
    found = sorted(path for path in (root / INSTANCES).glob("*") if path.suffix in (".yml", ".yaml"))
    return (site if site.is_file() else None), found


def load_tree(folder: str, load: Callable[[str], Any]) -> dict[str, Any]:
    """Return what the files of a folder describe, as it is written. ``load`` reads one."""
    site, instances = files_of(folder)
    estate = dict(load(str(site)) or {}) if site else {}
    entries = [*(estate.get(INSTANCES) or ()), *map(load, map(str, instances))]
    return {**estate, INSTANCES: entries} if entries else estate


def load_instance(folder: str, load: Callable[[str], Any], name: str, fill_in: Callable[[Any], Any]) -> dict[str, Any]:
    """Return what the files of a folder say of one instance. The file of its name is looked at first."""
    site, instances = files_of(folder)
    instances.sort(key=lambda path: path.stem != name)
    return select_instance(load(str(site)) if site else {}, map(load, map(str, instances)), name, fill_in)


def select_instance(estate: Any, further: Iterable[Any], name: str, fill_in: Callable[[Any], Any]) -> dict[str, Any]:
    """Return what a description says of one instance, as it is written: without other instances, hosts and so on.

    ``further`` are entries of instances that are not in it. ``fill_in`` fills in a template.
    """

    def whole(value: Any) -> Any:
        return fill_in(value) if isinstance(value, str) else value

    estate = whole(estate) or {}
    entries = filter(None, map(whole, chain(whole(estate.get(INSTANCES)) or (), further)))
    others = {part.name for part in children_of("")}
    return {
        **{key: value for key, value in estate.items() if key not in others},
        INSTANCES: list(islice((entry for entry in entries if str(fill_in(entry.get("name"))) == name), 1)),
    }


def load_file(loader: Any, path: str) -> Any:
    """Return what is in a file, as Ansible's loader reads it: with the place of each value, and with its templates. It
    is not to be changed: a copy would take as long as the reading, which is what ``unsafe`` asks for."""
    try:
        return loader.load_from_file(os.path.abspath(path), unsafe=True, trusted_as_template=True)
    except TypeError:
        # Before ansible-core 2.19 all texts are templates.
        return loader.load_from_file(os.path.abspath(path), unsafe=True)


def load_plain_file(loader: Any, path: str) -> Any:
    """Return the same without the place of each value, in a third of the time.

    What only Ansible reads, or reports, is left to its loader: encrypted values and files, and mistakes.
    """
    try:
        return yaml.load(Path(path).read_bytes(), Loader=_PlainLoader)
    except (yaml.YAMLError, OSError, ValueError):
        return load_file(loader, path)


class _PlainLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads YAML as Ansible does, into the types of Python."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        if len(found) < len(node.value):
            raise yaml.constructor.ConstructorError(problem="a key is listed twice", problem_mark=node.start_mark)
        return found

    def construct_text(self, node: Any) -> str:
        text: str = self.construct_scalar(node)
        return trust_as_template(text) if "{" in text else text


_PlainLoader.add_constructor("tag:yaml.org,2002:str", _PlainLoader.construct_text)
