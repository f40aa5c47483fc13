# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an approval is about: facts that a run hands on, and that the run after the approval compares with its own.

They are what a person approves and the procedure itself does not change before its gates: the request, and which
instances it is for. What else may change meanwhile, such as alarms or the RPO, has gates of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

Data = Mapping[str, Any]

# The name of the statistic, which AWX gives to the jobs that follow as a variable.
HANDED_ON = "gaussdb_evidence"
# How far a run goes and what a person confirms may differ from run to run.
OF_ONE_RUN = ("until", "confirm", "gates_waived")
IDENTITY = ("instance", "instance_id", "engine_version")


def facts_of(record: Data) -> dict[str, Any]:
    """Return the facts of a record, by name: those at its end, or at its begin while it runs.

    What a platform has not shown, because it does not answer, is not a fact.
    """
    seen = record["after"] or record["before"]
    facts = {f"{site}.{key}": shown.get(key) for site, shown in seen["sites"].items() for key in IDENTITY}
    facts["primaries"] = seen.get("primaries")
    request = {f"request.{key}": value for key, value in record["request"].items() if key not in OF_ONE_RUN}
    return {**request, **{name: value for name, value in facts.items() if value}}


def digests_of(facts: Data) -> dict[str, str]:
    """Return the digest of each fact: text that stays the same where variables are read as YAML again."""
    texts = {name: json.dumps(value, sort_keys=True, ensure_ascii=False) for name, value in facts.items()}
    return {name: f"sha256:{hashlib.sha256(text.encode()).hexdigest()}" for name, text in texts.items()}


def approved_digests(handed_on: Any, record: Data) -> dict[str, str] | None:
    """Return the digests that an earlier job of the same procedure has handed on for this subject, or ``None``."""
    entry = handed_on.get(record["subject"]) if isinstance(handed_on, Mapping) else None
    if not isinstance(entry, Mapping) or entry.get("procedure") != record["procedure"]:
        return None
    digests = entry.get("facts")
    return dict(digests) if isinstance(digests, Mapping) else None


def unapproved_facts(approved: Mapping[str, str], facts: Data) -> list[dict[str, Any]]:
    """Return the facts with another digest than the approved one: ``name`` and ``now``."""
    now = digests_of(facts)
    return [
        {"name": name, "now": facts[name]}
        for name, digest in sorted(approved.items())
        if name in now and now[name] != digest
    ]
