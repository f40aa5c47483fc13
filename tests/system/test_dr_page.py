# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page of a record from an untrusted source: nothing in the record becomes markup, a script, or a template."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from conftest import Recap
from two_sites import TO_AWAY, TwoSites, done

import common

# The elements of a page and their attributes.
TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "section",
    "div",
    "h1",
    "h2",
    "p",
    "br",
    "b",
    "small",
    "span",
}
TAGS |= {"table", "tr", "th", "td", "dl", "dt", "dd", "svg", "text", "rect", "path", "line", "g", "polyline", "circle"}
ATTRIBUTES = {
    "lang",
    "charset",
    "http-equiv",
    "name",
    "content",
    "class",
    "role",
    "aria-label",
    "viewbox",
    "transform",
    "text-anchor",
}
ATTRIBUTES |= {"data-figure", "d", "points", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height"}
POISON = """"'></style></title></script><script>alert(1)</script><a href='javascript:alert(1)' onload=alert(1)>"""
POISON += "{{ lookup('pipe', 'touch ran') }}"
# The page is drawn by these: a text that is not a moment causes an error, and is tested separately.
MOMENTS = {"began", "ended", "time"}

Path_ = tuple[Any, ...]


class Elements(HTMLParser):
    """All elements and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def leaves(value: Any, path: Path_ = ()) -> list[Path_]:
    if not value or not isinstance(value, (dict, list)):
        return [path]
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    return [leaf for key, entry in entries for leaf in leaves(entry, (*path, key))]


def poisoned(value: Any, is_chosen: Callable[[Path_, Any], bool], path: Path_ = ()) -> Any:
    """Return a copy of a record whose chosen leaves are poison."""
    if isinstance(value, dict) and value:
        return {key: poisoned(entry, is_chosen, (*path, key)) for key, entry in value.items()}
    if isinstance(value, list) and value:
        return [poisoned(entry, is_chosen, (*path, number)) for number, entry in enumerate(value)]
    return POISON if is_chosen(path, value) else value


def is_text(path: Path_, value: Any) -> bool:
    """Whether a leaf is shown unchanged: not a moment, a choice, an empty value, the name of a site, or the structure
    of the record."""
    spared = path[-1] in MOMENTS or path[1:2] in (("primary",), ("lost_primary",)) or path == ("schema",)
    return isinstance(value, (str, int, float)) and not isinstance(value, bool) and not spared


def renamed(value: Any) -> Any:
    """Return a copy of a record whose sites have poisonous names."""
    text = json.dumps(value)
    for site in ("site-a", "site-b"):
        text = text.replace(f'"{site}"', json.dumps(site + POISON))
    return json.loads(text)


@pytest.fixture
def record(sites: TwoSites) -> dict[str, Any]:
    """A failover with alarms, a loss, jobs and figures; and a failed step."""
    sites.join()
    sites.down(0)
    sites.clock(advance=600)
    done(sites.dr("failover", *TO_AWAY, "-e", "gaussdb_confirm=orders-dr"), 1)
    made = sites.record()
    made["steps"][-1].update(outcome="failed", message="it failed")
    return made


def page(folder: Path, record: Any) -> tuple[Recap, Path]:
    """Create the page of a record by a relative path, as in the runbook."""
    (folder / "evidence").mkdir(exist_ok=True)
    (folder / "evidence" / "sent.json").write_text(json.dumps(record), encoding="utf-8")
    made = folder / "evidence" / "sent.zh.html"
    made.unlink(missing_ok=True)
    command = [
        str(common.venv_bin() / "ansible-playbook"),
        "gaussdb.tpops.evidence_page",
        "-e",
        "gaussdb_record=evidence/sent.json",
    ]
    command += ["-e", "gaussdb_evidence_language=zh"]
    environment = common.ansible_environment() | {"ANSIBLE_HOME": str(folder / "home")}
    run = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Recap(run.returncode, run.stdout), made


def harmless(folder: Path, made: Path) -> str:
    seen = Elements(made.read_text(encoding="utf-8"))
    assert seen.tags <= TAGS and seen.attributes <= ATTRIBUTES, (seen.tags - TAGS, seen.attributes - ATTRIBUTES)
    assert not list(folder.rglob("ran"))
    return seen.text


def test_no_value_of_a_record_becomes_markup(record: dict[str, Any], tmp_path: Path) -> None:
    run, made = page(tmp_path, record)
    assert run.status == 0, run.output
    assert "<script" not in made.read_text(encoding="utf-8") and "orders-dr" in harmless(tmp_path, made)
    # With and without numbers to draw. The names of sites are poisonous too, and are kept as keys.
    for spared in ({"figures"}, set()):
        run, made = page(
            tmp_path,
            renamed(
                poisoned(record, lambda path, value, spared=spared: is_text(path, value) and path[0] not in spared)
            ),
        )
        assert run.status == 0, run.output
        assert POISON in harmless(tmp_path, made)


@pytest.mark.long
def test_no_moment_of_a_record_becomes_markup(record: dict[str, Any], tmp_path: Path) -> None:
    moments = [path for path in leaves(record) if path[-1] in MOMENTS]
    kinds = {tuple("#" if isinstance(key, int) else key for key in path): path for path in moments}
    assert {("began",), ("steps", "#", "began"), ("figures", "#", "samples", "#", "time")} <= set(kinds)
    for chosen in kinds.values():
        run, made = page(tmp_path, poisoned(record, lambda path, value, chosen=chosen: path == chosen))
        if run.status == 0:
            harmless(tmp_path, made)
        else:
            assert "No page can be created from" in run.output and not made.exists(), run.output
        assert not list(tmp_path.rglob("ran"))


def test_what_is_no_record_is_said_to_be_none(tmp_path: Path) -> None:
    run, _made = page(tmp_path, [])
    assert run.status != 0 and f"No page can be created from {tmp_path}/evidence/sent.json" in run.output


@pytest.mark.parametrize("schema", [{}, {"schema": 1}, {"schema": POISON}])
def test_a_record_of_another_shape_is_said_to_be_one(tmp_path: Path, schema: dict[str, Any]) -> None:
    run, made = page(tmp_path, {"procedure": "drill", "subject": "orders", **schema})
    assert run.status != 0 and "it is not a record of schema 2" in run.output and not made.exists()
