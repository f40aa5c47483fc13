# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of modules in the argument specs of roles, which pass them on as a dictionary.

In ``meta/argument_specs.yml`` a comment selects them: ``# gaussdb_host.hosts: …`` stands for the suboptions of that
option, ``without NAME, NAME`` omits options that the role defines itself, and ``none required`` is for defaults, which
may be incomplete. The part between this comment and ``# end of gaussdb_host.hosts`` is generated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from plugin_docs import IndentedDumper, import_plugin

MARKED = re.compile(
    r"^(?P<indent> *)# (?P<source>(?P<module>gaussdb_\w+)(?:\.(?P<option>\w+))?)"
    r"(?: without (?P<without>\w+(?:, \w+)*))?(?P<free>, none required)?: made by `make generate`\.\n"
    r".*?^ *# end of (?P=source)\n",
    re.DOTALL | re.MULTILINE,
)
# The keys of an argument spec other than texts, in the usual order.
KEYS = ("type", "elements", "required", "choices", "default", "no_log")


class RoleSpecError(Exception):
    """A role names a module or an option that does not exist."""


def with_module_options(text: str) -> str:
    """Return the text of an argument spec with the options of modules as they are now."""
    return MARKED.sub(_block, text)


def _block(match: re.Match[str]) -> str:
    first, *_rest, last = match[0].splitlines(keepends=True)
    options = dict(module_options(match["module"], match["option"]))
    left_out = (match["without"] or "").split(", ") if match["without"] else []
    if unknown := [name for name in left_out if name not in options]:
        raise RoleSpecError(f"{match['source']} has no option {', '.join(unknown)}")
    kept = {name: option for name, option in options.items() if name not in left_out}
    if match["free"]:
        kept = {name: {k: v for k, v in option.items() if k != "required"} for name, option in kept.items()}
    body = yaml.dump(kept, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=105 - len(match["indent"]))
    return first + "".join(match["indent"] + line for line in body.splitlines(keepends=True)) + last


def module_options(module: str, option: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the options of a module, or of the elements of one option, as a role's argument spec has them."""
    documented, spec = _read(module)
    if option:
        if "suboptions" not in documented.get(option, {}):
            raise RoleSpecError(f"option {option} of {module} has no options of its own")
        documented, spec = documented[option]["suboptions"], spec[option]["options"]
    yield from _described(documented, spec)


def _described(documented: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, option in documented.items():
        described: dict[str, Any] = {"description": _first_paragraph(option["description"])}
        described |= {key: spec[name][key] for key in KEYS if spec[name].get(key) not in (None, False, ())}
        if "choices" in described:
            described["choices"] = list(described["choices"])
        if "suboptions" in option:
            described["options"] = dict(_described(option["suboptions"], spec[name]["options"]))
        yield name, described


def _first_paragraph(description: str | list[str]) -> str:
    """Return an option for a role, without further documentation. Suboptions refer to the module, not the role."""
    text = description if isinstance(description, str) else description[0]
    return re.sub(r"\b(?:O|RV)\(([^)#]*)\)", r"C(\1)", " ".join(text.split()))


def _read(module: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the module's own documented options and those of its fragment ``wait``, and its spec."""
    loaded = import_plugin(f"modules.{module}")
    spec = import_plugin("module_utils.engine.spec").build_interface(loaded.SPEC).argument_spec
    documentation = yaml.safe_load(loaded.DOCUMENTATION)
    options = dict(documentation["options"])
    if "gaussdb.tpops.wait" in documentation["extends_documentation_fragment"]:
        fragment = import_plugin("doc_fragments.wait").ModuleDocFragment.DOCUMENTATION
        options |= yaml.safe_load(fragment)["options"]
    return options, spec


class _Dumper(IndentedDumper):
    """Short lists of words are on one line."""


def _short_list(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=sum(map(len, map(str, values))) < 60)


_Dumper.add_representer(list, _short_list)
