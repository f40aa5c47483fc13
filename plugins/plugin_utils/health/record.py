# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The record of a report on health, from which its page is made, and what is new in it.

What is new is computed from the newest earlier record of the same sites. What that one could not read, and what this
one cannot read, is not compared: neither is new, and neither is gone.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..procedure.page import HEALTH
from .judgement import COLORS, GREEN, worst

# What tells the record from others. Raise the version of the format with each incompatible change.
KIND, SCHEMA = HEALTH
ENDING = f"-{KIND}.json"

Data = Mapping[str, Any]


def build_record(sites: Mapping[str, Data], earlier: Data | None, **more: Any) -> dict[str, Any]:
    """Return the record of ``sites`` as they were judged, the worst first.

    ``earlier`` is the record to compare with, if there is one, and ``more`` what else is known of the run.

    Each finding is ``new`` or not, or null where that cannot be compared.
    """
    colors = {site: worst(each["color"] for each in judged["findings"]) for site, judged in sites.items()}
    sites = {site: sites[site] for site in sorted(sites, key=lambda site: -COLORS.index(colors[site]))}
    findings = [finding for judged in sites.values() for finding in judged["findings"]]
    before = {_key(each): each for each in (earlier or {}).get("findings", ())}
    marked = [{**each, "new": _is_new(each, before, earlier)} for each in findings]
    now = {_key(each) for each in findings}
    gone = [
        {name: value for name, value in each.items() if name != "new"}
        for key, each in before.items()
        if key not in now and each["part"] in sites.get(each["site"], {}).get("read", ())
    ]
    counts = Counter(each["color"] for each in findings)
    return {
        "schema": SCHEMA,
        "kind": KIND,
        **more,
        "sites": {
            site: {
                **{name: value for name, value in judged.items() if name != "findings"},
                "color": colors[site],
            }
            for site, judged in sites.items()
        },
        "findings": marked,
        "gone": gone,
        "compared": {name: earlier[name] for name in ("name", "time")} if earlier else None,
        "color": worst(counts),
        "counts": {
            **{color: counts[color] for color in reversed(COLORS) if color != GREEN},
            "new": sum(each["new"] is True for each in marked),
            "gone": len(gone),
            "sites": len(sites),
            "instances": sum(len(judged["instances"]) for judged in sites.values()),
        },
    }


def _key(finding: Data) -> tuple[str, ...]:
    return tuple(str(finding[name]) for name in ("site", "instance", "part", "code", "about"))


def _is_new(finding: Data, before: Mapping[tuple[str, ...], Data], earlier: Data | None) -> bool | None:
    """A finding that has become worse is new, too."""
    if earlier is None:
        return None
    known = before.get(_key(finding))
    if known is not None:
        return COLORS.index(finding["color"]) > COLORS.index(known["color"])
    return True if finding["part"] in earlier["sites"][finding["site"]]["read"] else None


def find_earlier(folder: str, sites: Sequence[str]) -> dict[str, Any] | None:
    """Return the newest record of the same sites in a folder, with its ``name``. Other files are passed over."""
    for path in sorted(Path(folder).glob(f"*{ENDING}"), reverse=True):
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
            found = json.loads(path.read_text(encoding="utf-8"))
            if (found["schema"], found["kind"]) == (SCHEMA, KIND) and set(found["sites"]) == set(sites):
                _check(found)
                return {**found, "name": path.stem}
    return None


def _check(record: Data) -> None:
    """Raise an error for a record that cannot be compared with."""
    str(record["time"])
    for site in record["sites"].values():
        list(site["read"])
    for finding in record["findings"]:
        _key(finding)
        COLORS.index(finding["color"])
