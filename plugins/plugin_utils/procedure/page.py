# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pages of evidence, made of records and of nothing else: of one run, and of all subjects of a run.

Records may come from untrusted sources: everything in them is escaped, and is never a template.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import jinja2

from .record import BAD, GOOD, RUNNING, SCHEMA
from .words import LANGUAGES, ROLES, in_words, read_words
from .workload import outcome_of_comparison

Data = Mapping[str, Any]

# Kind and schema of a report on health, which is rendered without a digest.
HEALTH = ("health", 1)
# The worst outcome of several is that of a run.
SEVERITY = (*GOOD, RUNNING, *BAD)


@functools.cache
def _environment(language: str) -> jinja2.Environment:
    """Return the templates in a language."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([ROLES / role / "templates" for role in ("procedure", "health")]),
        autoescape=True,
        trim_blocks=True,
    )
    environment.globals |= {
        "outcome_of_comparison": outcome_of_comparison,
        "word": lambda value, section: in_words(value, section, language),
        "moment": lambda text: datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ"),
        "sampled": lambda text: datetime.strptime(text, "%Y-%m-%d %H:%M:%S UTC"),
    }
    return environment


def prepare() -> None:
    """Read words and templates once, before the workers are forked."""
    for language in LANGUAGES:
        read_words(language)
        for name in ("run", "fleet", "status", "health"):
            _environment(language).get_template(f"{name}.html.j2")


def render(template: str, language: str, **context: Any) -> str:
    """Return a page. Raises an error for an unknown language, and :class:`ValueError`, :class:`TypeError` or
    :class:`jinja2.TemplateError` for data that is not that of such a page."""
    read_words(language)
    return _environment(language).get_template(f"{template}.html.j2").render(**context)


def render_record(content: bytes, name: str, language: str) -> str:
    """Return the page of a record from the content of its file. Raises :class:`ValueError` and others for content that
    is not such a record."""
    record = json.loads(content)
    if isinstance(record, Mapping) and (record.get("kind"), record.get("schema")) == HEALTH:
        return render("health", language, record=record)
    if not isinstance(record, Mapping) or record.get("schema") != SCHEMA:
        raise ValueError(f"it is not a record of schema {SCHEMA}, the schema of this version of the collection")
    return render_run(record, name, hashlib.sha256(content).hexdigest(), language)


def render_run(record: Data, name: str, digest: str, language: str) -> str:
    """Return the page of one record, whose JSON file has this ``name`` and SHA-256 ``digest``."""
    plain = re.sub(r"[^\w.~-]", "_", name)
    return render("run", language, record=record, name=name, digest=digest, page_name=plain)


def render_fleet(records: Mapping[str, Data], language: str) -> str:
    """Return the page of all subjects of a run: ``records`` by the names of their files, the worst outcome first."""
    found = sorted(records.items(), key=lambda each: (-SEVERITY.index(each[1]["outcome"]), str(each[1]["subject"])))
    values: Sequence[Data] = [record for _name, record in found]
    counts = Counter(record["outcome"] for record in values)
    return render(
        "fleet",
        language,
        procedure=values[0]["procedure"],
        records=values,
        pages=[f"{name}.html" for name, _record in found],
        began=min(record["began"] for record in values),
        until=max(record["ended"] or record["began"] for record in values),
        counts={outcome: counts[outcome] for outcome in reversed(SEVERITY) if counts[outcome]},
        worst=values[0]["outcome"],
        losses=any(record["loss"] for record in values),
    )
