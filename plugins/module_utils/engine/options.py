# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of a module: what Ansible needs to know of them, and what they are to the module's object."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Any

from ansible.module_utils.basic import env_fallback

from . import checks, compare, files
from .checks import Check

# The last word of an option that names an object.
_NAMING = re.compile(
    r"(.*_)?(id|ids|ip|ips|name|names|username|hostname|user|owner|grantee|instances?|nodes?|zones?|components?|databases?"
    r"|schema|table|objects|data_center|key_pair|backup|inspection|scene)"
)


class Role(Enum):
    """What an option is to the object that the module manages."""

    # Compared with the object, and changed where it differs.
    MANAGED = "managed"
    # Compared with the object; a difference is an error, since the platform cannot change it.
    CREATE_ONLY = "create_only"
    # Sent when the object is created, and never compared: the platform does not show it.
    WRITE_ONLY = "write_only"
    # Compared and changed like a managed one, but derived from other options by the hook ``desired``.
    COMPUTED = "computed"
    # Tells the module what to do, and is not part of the object.
    CONTROL = "control"


class Fields(tuple["Field", ...]):
    """Options or values in their order, with what every pass over arguments needs to know of them: there are thousands
    of arguments in an estate, and each is passed over several times."""

    @classmethod
    def of(cls, fields: Iterable[Field]) -> Fields:
        return fields if isinstance(fields, cls) else cls(fields)

    @cached_property
    def options(self) -> tuple[Field, ...]:
        """Those that a task gives itself."""
        return tuple(each for each in self if each.is_option)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The options by each of their names."""
        return {name: each for each in self.options for name in (each.name, *each.aliases)}

    @cached_property
    def defaults(self) -> dict[str, Any]:
        return {each.name: each.default for each in self.options}

    @cached_property
    def required(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.options if each.required)

    @cached_property
    def nested(self) -> tuple[Field, ...]:
        """The options with options inside."""
        return tuple(each for each in self.options if each.fields)

    @cached_property
    def checked(self) -> tuple[Field, ...]:
        """Those whose values, or the values inside, have a check of their own."""
        return tuple(each for each in self if each.validate or each.validate_new or Fields.of(each.fields).checked)


@dataclass(frozen=True)
class Field:
    """One option, or one value of the object that ``desired`` derives from options."""

    # Name of the option.
    name: str
    # Type, as Ansible knows it.
    type: str = "str"
    # Type of the entries of a list.
    elements: str | None = None
    # What the option is to the object.
    role: Role = Role.MANAGED
    # Whether every task has to give it.
    required: bool = False
    # Whether it is required once it is known that the object has to be created.
    required_to_create: bool = False
    # The value when the task gives none.
    default: Any = None
    # The allowed values.
    choices: Sequence[Any] = ()
    # Whether the value is a secret; ``False`` says that it is none although its name sounds like one.
    no_log: bool | None = None
    # Other names of the option.
    aliases: Sequence[str] = ()
    # The options inside a dictionary, or inside each entry of a list of dictionaries.
    fields: Sequence[Field] = ()
    # The environment variable that gives the value when the task does not.
    env: str | None = None
    # Attribute of the read object that shows the value; by default the one of the same name.
    reads: str | None = None
    # More attributes that the value of an option that names an object may match.
    also_matches: Sequence[str] = ()
    # The module that changes the value of a create-only option.
    changed_by: str | None = None
    # The option that, when it is ``always``, makes every run send the value, whatever was read.
    send_always_if: str | None = None
    # The value that a new object has when none is given.
    platform_default: Any = None
    # Whether a desired value is the same as a current one.
    equal: Callable[[Any, Any], bool] = compare.equal
    # Returns what is wrong with a value, or ``None``.
    validate: Check | None = None
    # The same, but only for a value that is going to be sent: what exists may be older than the rule.
    validate_new: Check | None = None
    # Whether an empty text counts as no value, where the option's name does not show that it names something.
    identifier: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", Fields.of(self.fields))

    @cached_property
    def is_option(self) -> bool:
        """Whether a task gives the value itself."""
        return self.role is not Role.COMPUTED

    @cached_property
    def attribute(self) -> str:
        return self.reads or self.name

    @cached_property
    def element(self) -> Field:
        """The option that each entry of a list is. What is checked of the whole list is not checked of an entry."""
        return replace(self, type=self.elements or "", elements=None, validate=None, validate_new=None)

    @cached_property
    def identifies(self) -> bool:
        """Whether the texts of the option name something: an object, a host or a file."""
        if self.identifier is not None:
            return self.identifier
        text = "str" in (self.type, self.elements) and not self.choices
        return self.type == "path" or (text and bool(_NAMING.fullmatch(self.name)))

    def spec(self) -> dict[str, Any]:
        """Return the entry of an Ansible argument spec."""
        entry: dict[str, Any] = {"type": self.type}
        if self.required:
            entry["required"] = True
        if self.default is not None:
            entry["default"] = self.default
        if self.no_log is not None:
            entry["no_log"] = self.no_log
        if self.env:
            entry["fallback"] = (env_fallback, [self.env])
        if self.fields:
            entry["options"] = build_argument_spec(self.fields)
        for key in ("elements", "choices", "aliases"):
            value = getattr(self, key)
            if value:
                entry[key] = value if isinstance(value, str) else list(value)
        return entry


def build_argument_spec(fields: Sequence[Field]) -> dict[str, dict[str, Any]]:
    """Return an Ansible argument spec for the options."""
    return {item.name: item.spec() for item in fields if item.is_option}


ENV_PREFIX = "GAUSSDB_TPOPS_"

CONNECTION = (
    # Not required here, for the message about it says more than that of Ansible.
    Field("endpoint", env=ENV_PREFIX + "ENDPOINT"),
    Field("username", env=ENV_PREFIX + "USERNAME"),
    Field("password", no_log=True, env=ENV_PREFIX + "PASSWORD"),
    Field("token", no_log=True, env=ENV_PREFIX + "TOKEN"),
    Field("ca_path", type="path", env=ENV_PREFIX + "CA_PATH", validate=files.check_certificates),
    Field("validate_certs", type="bool", default=True, env=ENV_PREFIX + "VALIDATE_CERTS"),
    Field("language", default="en-us", choices=("en-us", "zh-cn"), env=ENV_PREFIX + "LANGUAGE"),
    Field("timeout", type="int", default=30, env=ENV_PREFIX + "TIMEOUT", validate=checks.between(1, 3600)),
    Field("retries", type="int", default=4, env=ENV_PREFIX + "RETRIES", validate=checks.between(0, 100)),
    Field("busy_timeout", type="int", default=300, env=ENV_PREFIX + "BUSY_TIMEOUT", validate=checks.between(0, 86400)),
    Field("token_cache", type="bool", default=True, env=ENV_PREFIX + "TOKEN_CACHE", no_log=False),
)

WAIT = (
    Field("wait", type="bool", default=True),
    Field("wait_timeout", type="int", default=3600, validate=checks.between(1, 2592000)),
    Field("wait_interval", type="int", default=10, validate=checks.between(1, 3600)),
)
