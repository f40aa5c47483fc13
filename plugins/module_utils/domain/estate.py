# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The estate: the description of one platform, and the one table of what its parts are.

Modules are named by text, because the table is below them. :mod:`.estate_tasks` makes the tasks of a description;
whoever reads, validates, plans or converges an estate goes by the table and by that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any

from ..api.database_user import BUILTIN_USERS
from ..engine.checks import SYSTEM_USERS, TEMPLATE_DATABASES
from ..engine.options import Field
from .topology import HOST_LISTS
from .upgrade_options import DOCS as UPGRADE_DOCS
from .upgrade_options import MAX_FAIL_PERCENTAGE, UPGRADE, UPGRADE_DEFAULTS, VERIFY_AGE, WAVES
from .window import DOCS as WINDOW_DOCS
from .window import WINDOW

INSTANCES = "instances"


class Form(Enum):
    """How the tasks of a module come from a part."""

    # The part is one option of one task: a list of objects, or a dictionary of values.
    WHOLE = "whole"
    # The part is a list: each entry holds the options of a task.
    EACH = "each"
    # The part is a dictionary: it holds the options of one task.
    ONE = "one"
    # The part is a dictionary: one task for each key with its value.
    PAIRS = "pairs"


@dataclass(frozen=True)
class Reference:
    """An option that names an object which another part describes."""

    # The option; one inside another one as ``outer.inner``.
    option: str
    # The parts that may describe the object, each with the option that names it there.
    to: Sequence[tuple[str, str]]
    # Matches the names of what exists without a description.
    known: str = ""
    # The values that the entry must have for the option to be a reference.
    only: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Part:
    """One kind of object in a description."""

    # The key in the description.
    name: str
    # The module that makes it so.
    module: str
    # How the tasks of the module come from it.
    form: Form
    # The role with that task.
    role: str
    # The part whose entries hold it; none for a part of the platform.
    parent: str = ""
    # The option that the part is, for a part that is one option.
    option: str = ""
    # The options of the task that are keys next to the part, by key.
    beside: Mapping[str, str] = field(default_factory=dict)
    # The key next to the part with the values of all entries that give none of their own.
    defaults: str = ""
    # The options of the tasks of its children that come from an entry, by option.
    scope: Mapping[str, str] = field(default_factory=dict)
    # The options of the module that no description holds, because they are about one moment.
    without: Sequence[str] = ()
    # The options without which an entry says nothing to people.
    required: Sequence[str] = ()
    # The options that say where an object is: its name is unique only there.
    within: Sequence[str] = ()
    # The values of the option ``state`` that a description may hold; without any, all that the module has.
    states: Sequence[str] = ()
    # The words of options that another module spells in another case: either spelling is accepted.
    spelled: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # Groups of options whose values belong to one entry only, such as the hosts of an instance.
    exclusive: Sequence[Sequence[str]] = ()
    # The options that name what other parts describe.
    references: Sequence[Reference] = ()
    # The part with the same settings, each of which belongs into one of the two.
    same_as: str = ""
    # The options, besides those that are only ever written, that the platform does not show: they cannot be compared.
    not_shown: Sequence[str] = ()
    # What an option becomes outside of the window because it would interrupt the service: by option, for each such
    # value another one, or none to leave the option out.
    outside_window: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    # The key next to the part that says that there should be no other object of its kind; none where nothing lists all.
    exclusively: str = ""
    # The module that returns what the platform shows of it; none where it shows nothing that could be described.
    shown_by: str = ""
    # What the platform does not show of it, and why, in a sentence without its end.
    hidden: str = ""
    # The options with IDs that the platform gives out: on another platform they stand for nothing.
    local: Sequence[str] = ()
    # Matches the values, by option, of objects that the platform or the engine makes for itself.
    made: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that the part takes where it is described."""
        return (self.name, *self.beside, *filter(None, (self.defaults, self.exclusively)))


# Accounts that have the platform or the engine as their maker.
_ACCOUNTS = (("users", "name"), ("roles", "name"))
MADE_ACCOUNTS = "|".join((*BUILTIN_USERS.values(), "public", "gs_.*", "pg_.*"))
MADE_DATABASES = "|".join(TEMPLATE_DATABASES)
MADE_SCHEMAS = (
    "public|information_schema|pg_.*|dbe_.*|pkg_.*|blockchain|cstore|db4ai|snapshot|sqladvisor|sys|gs_.*|prvt_.*"
)
_IN_INSTANCE: dict[str, Any] = {"parent": INSTANCES}
_NAMED: dict[str, Any] = {"required": ("name",)}

PARTS = (
    Part(
        "data_centers",
        "gaussdb_data_center",
        Form.WHOLE,
        "hosts",
        option="data_centers",
        shown_by="gaussdb_data_center_info",
    ),
    Part("key_pairs", "gaussdb_key_pair", Form.EACH, "hosts", **_NAMED, shown_by="gaussdb_key_pair_info"),
    Part(
        "hosts",
        "gaussdb_host",
        Form.WHOLE,
        "hosts",
        option="hosts",
        defaults="host_defaults",
        spelled={"os_type": ("kylin", "uniontech"), "cpu_spec": ("intel", "hygon", "kunpeng")},
        exclusive=(("data_ip",), ("virtual_ip",)),
        references=(
            Reference("data_center", (("data_centers", "name"),)),
            Reference("key_pair", (("key_pairs", "name"),)),
        ),
        shown_by="gaussdb_host_info",
    ),
    Part(
        INSTANCES,
        "gaussdb_instance",
        Form.EACH,
        "instance",
        **_NAMED,
        defaults="instance_defaults",
        scope={"instance": "name", "instance_id": "instance_id"},
        states=("present", "absent", "started", "stopped"),
        outside_window={"state": {"absent": None, "stopped": None}},
        spelled={"os_type": ("Kylin", "UnionTech"), "cpu_spec": ("Intel", "Kunpeng", "Hygon")},
        exclusive=(HOST_LISTS, ("float_ip",)),
        references=(
            *(Reference(name, (("hosts", "manage_ip"),)) for name in HOST_LISTS),
            Reference("component_distributions.ip", (("hosts", "manage_ip"),)),
        ),
        shown_by="gaussdb_instance_info",
    ),
    Part(
        "parameters",
        "gaussdb_parameter",
        Form.WHOLE,
        "instance",
        **_IN_INSTANCE,
        option="parameters",
        beside={"parameter_restart": "restart"},
        outside_window={"restart": {"if_required": "defer"}},
        shown_by="gaussdb_parameter_info",
    ),
    Part(
        "extensions",
        "gaussdb_instance_extension",
        Form.PAIRS,
        "instance",
        **_IN_INSTANCE,
        shown_by="gaussdb_instance_info",
        hidden="the platform cannot list the keys, and only known ones are read",
    ),
    Part(
        "dr_log_keep",
        "gaussdb_dr_log_keep",
        Form.ONE,
        "instance",
        **_IN_INSTANCE,
        not_shown=("log_keep_percent",),
        shown_by="gaussdb_dr_info",
    ),
    Part(
        "backup_policy",
        "gaussdb_backup_policy",
        Form.ONE,
        "backup",
        **_IN_INSTANCE,
        shown_by="gaussdb_backup_policy_info",
    ),
    Part(
        "backup_config",
        "gaussdb_backup_config",
        Form.ONE,
        "backup",
        **_IN_INSTANCE,
        same_as="backup_policy",
        shown_by="gaussdb_backup_policy_info",
    ),
    Part(
        "roles",
        "gaussdb_role",
        Form.WHOLE,
        "database",
        **_IN_INSTANCE,
        option="roles",
        exclusively="roles_exclusive",
        shown_by="gaussdb_user_info",
        made={"name": MADE_ACCOUNTS},
    ),
    Part(
        "users",
        "gaussdb_user",
        Form.WHOLE,
        "database",
        **_IN_INSTANCE,
        option="users",
        exclusively="users_exclusive",
        beside={"update_password": "update_password", "update_attributes": "update_attributes"},
        shown_by="gaussdb_user_info",
        made={"name": MADE_ACCOUNTS},
    ),
    Part(
        "databases",
        "gaussdb_database",
        Form.WHOLE,
        "database",
        **_IN_INSTANCE,
        option="databases",
        scope={"database": "name"},
        references=(Reference("owner", _ACCOUNTS, MADE_ACCOUNTS),),
        shown_by="gaussdb_database_info",
        made={"name": MADE_DATABASES},
    ),
    Part(
        "schemas",
        "gaussdb_schema",
        Form.WHOLE,
        "database",
        parent="databases",
        option="schemas",
        references=(Reference("owner", _ACCOUNTS, MADE_ACCOUNTS),),
        shown_by="gaussdb_schema_info",
        made={"name": MADE_SCHEMAS, "owner": "|".join(SYSTEM_USERS)},
    ),
    Part(
        "privileges",
        "gaussdb_privilege",
        Form.WHOLE,
        "database",
        **_IN_INSTANCE,
        option="privileges",
        references=(
            Reference("grantee", _ACCOUNTS, MADE_ACCOUNTS),
            Reference("owner", _ACCOUNTS, MADE_ACCOUNTS),
            Reference("objects", _ACCOUNTS, MADE_ACCOUNTS, only={"type": "role"}),
            Reference("database", (("databases", "name"),), MADE_DATABASES),
        ),
        # Memberships (type=role) and most attributes are shown.
        not_shown=("privileges", "grant_option"),
        shown_by="gaussdb_user_info",
        hidden="of all privileges the platform shows only memberships and attributes",
        made={"grantee": MADE_ACCOUNTS},
    ),
    Part(
        "sql_throttles",
        "gaussdb_sql_throttle",
        Form.EACH,
        "database",
        **_IN_INSTANCE,
        **_NAMED,
        shown_by="gaussdb_sql_throttle_info",
        local=("node_ids",),
    ),
    Part(
        "sql_patches",
        "gaussdb_sql_patch",
        Form.EACH,
        "database",
        **_IN_INSTANCE,
        within=("node_id",),
        local=("node_id",),
        hidden="the platform shows a patch only for a given node and statement, and cannot list them",
    ),
    Part(
        "inspection_scenes",
        "gaussdb_inspection_scene",
        Form.EACH,
        "estate",
        **_NAMED,
        shown_by="gaussdb_inspection_scene_info",
    ),
    Part(
        "inspections",
        "gaussdb_inspection",
        Form.EACH,
        "estate",
        **_NAMED,
        without=("max_age",),
        references=(Reference("instances", ((INSTANCES, "name"), (INSTANCES, "instance_id"))),),
        shown_by="gaussdb_inspection_info",
    ),
    Part(
        "alarm_policies",
        "gaussdb_alarm_policy",
        Form.EACH,
        "estate",
        exclusive=(("targets",),),
        references=tuple(
            Reference(name, ((INSTANCES, "name"), (INSTANCES, "instance_id"))) for name in ("source", "targets")
        ),
        not_shown=("source", "targets"),
        hidden="the platform does not show which policy an instance has",
    ),
    Part(
        "dbmind_instances",
        "gaussdb_dbmind_instance",
        Form.EACH,
        "estate",
        exclusive=(("instances",),),
        references=(Reference("instances", ((INSTANCES, "name"), (INSTANCES, "instance_id"))),),
        shown_by="gaussdb_dbmind_info",
    ),
)


@dataclass(frozen=True)
class Setting:
    """A key that the playbooks go by, and that no module knows."""

    # The part in whose entries it is; none for the platform.
    parent: str
    # The key and its values.
    field: Field
    # What it is for.
    doc: str
    # What the values inside are for, by key.
    inside: Mapping[str, str] = MappingProxyType({})


TAGS = Field("tags", type="list", elements="str")
SETTINGS = (
    Setting(
        INSTANCES, TAGS, "Words by which gaussdb_target_tags selects instances for a procedure, such as tier:gold."
    ),
    Setting(
        "",
        WINDOW,
        "When steps that interrupt the service may run. Without it they may run at any time.",
        WINDOW_DOCS,
    ),
    Setting(INSTANCES, WINDOW, "The same for this instance, in place of the window of the platform.", WINDOW_DOCS),
    Setting("", UPGRADE_DEFAULTS, "How the playbook upgrade upgrades all instances.", UPGRADE_DOCS),
    Setting("", WAVES, "How many instances are upgraded at the same time: a number or a share for each wave."),
    Setting("", MAX_FAIL_PERCENTAGE, "No wave follows one in which more than this percentage of the upgrades failed."),
    Setting("", VERIFY_AGE, "Instances that have their version and were changed within this time are verified again."),
    Setting(INSTANCES, UPGRADE, "The same for this instance, in place of the values for all.", UPGRADE_DOCS),
    Setting(INSTANCES, Field("protected", type="bool"), "Whether no run of a playbook may remove the instance."),
    *(
        Setting(
            part.parent,
            Field(part.exclusively, type="bool"),
            f"Whether all other {part.name} of the instance are removed. The name of the instance has to be in"
            " gaussdb_confirm then.",
        )
        for part in PARTS
        if part.exclusively
    ),
)


@cache
def settings_of(name: str) -> tuple[Setting, ...]:
    """Return the settings of an entry of a part, or those of the platform for ``""``."""
    return tuple(setting for setting in SETTINGS if setting.parent == name)


def part_named(name: str) -> Part:
    return next(part for part in PARTS if part.name == name)


@cache
def children_of(name: str) -> tuple[Part, ...]:
    """Return the parts inside of an entry of a part, or those of the platform for ``""``, in the order in which they
    are converged."""
    return tuple(part for part in PARTS if part.parent == name)


@cache
def keys_of(name: str) -> tuple[str, ...]:
    """Return the keys of an entry of a part, or of the platform, besides the options of its own module."""
    keys = (key for part in children_of(name) for key in part.keys)
    return tuple(dict.fromkeys((*keys, *(setting.field.name for setting in settings_of(name)))))
