# SPDX-License-Identifier: GPL-3.0-or-later
"""Engine versions: the available ones, their order, and the possible upgrades.

A version of three numbers is a release; a fourth number makes it a hotfix of that release.
"""

from __future__ import annotations

import re

from .site import Site

DEFAULT_VERSIONS = ("3.103.0", "3.200.0")


def version_key(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def is_hotfix(version: str) -> bool:
    return len(version_key(version)) > 3


def is_major(version: str, target: str) -> bool:
    """Whether the target is another major version: its first or its second number differs."""
    return version_key(version)[:2] != version_key(target)[:2]


def _known(site: Site) -> list[str]:
    given = [str(v) for v in site.engine_versions] or list(DEFAULT_VERSIONS)
    return sorted(dict.fromkeys(given), key=version_key)


def engine_versions(site: Site) -> list[str]:
    """The releases, oldest first."""
    return [v for v in _known(site) if not is_hotfix(v)]


def newest_version(site: Site) -> str:
    return engine_versions(site)[-1]


def upgrades_of(site: Site, version: str) -> list[str]:
    """Releases newer than this one."""
    return [v for v in engine_versions(site) if version_key(v) > version_key(version)]


def hotfixes_of(site: Site, version: str) -> list[str]:
    """Hotfixes of the same release that are newer than the installed one."""
    key = version_key(version)
    return [v for v in _known(site) if is_hotfix(v) and version_key(v)[:3] == key[:3] and version_key(v) > key]
