# SPDX-License-Identifier: GPL-3.0-or-later
"""Random estates: several descriptions of one platform, each written after the earlier ones were carried out.

Every description is valid by all that validation and the platform know. A ``Writer`` remembers what the platform has by
then: it describes an object again, with other values where they may change, or leaves it out, or removes it where its
part can say so. What an option may be follows from its spec or is in ``VALUES``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cache
from typing import Any, TypeVar

from disguise import disguise
from hypothesis import strategies as st
from tpops_simulator.chapters.database import CHARACTER_SETS
from tpops_simulator.model.inspection_items import ITEMS
from tpops_simulator.model.parameter_template import Parameter, template
from tpops_simulator.model.versions import DEFAULT_VERSIONS

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.database_user import ATTRIBUTE_NAMES
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import CENTRALIZED
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.privilege import KINDS
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import children_of, part_named
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.topology import RESERVED_PORTS, TOPOLOGIES
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import fields_of

T = TypeVar("T")
Values = dict[str, Any]
# Part of every secret: it must not be in anything that is shown.
SENTINEL = "Sentinel9Secret"
# Instances of DBMind, by architecture. They are there from the beginning, because no operation creates one.
DBMIND = {"ARM": "dbmind-arm", "X86": "dbmind x86"}
# What the platform has before the first description: instances that nobody has described yet, in a relation.
LEGACY = "legacy"
EMPTY = {"dbmind_instances": [{"name": name, "arch": arch} for arch, name in DBMIND.items()]}
WORLD = {
    **EMPTY,
    "instances": [
        {"name": LEGACY, "solution": "single", "users": ["guest"], "databases": ["old"]},
        {"name": f"{LEGACY}-dr", "solution": "single"},
    ],
    "dr_relations": [{"name": "between", "master": LEGACY, "standby": f"{LEGACY}-dr"}],
}
EXTENSION_KEYS = ("BackupSet", "key 1", "键", "k" * 128)
# The moment of all runs, and windows that are open or closed then.
NOW = datetime(2026, 11, 27, 12, 30, tzinfo=timezone.utc)
OPEN = (
    {"from": "12:00", "to": "13:00"},
    {"days": ["thu"], "from": "13:00", "to": "12:31"},
    {"days": ["fri"], "from": "20:00", "to": "21:00", "time_zone": "Asia/Shanghai"},
)
CLOSED = ({"from": "12:31", "to": "12:30"}, {"days": ["sat", "sun"], "from": "00:00", "to": "00:00"})
# Hosts of one rack are alike, so that they can carry an instance together.
RACKS, RACK_HOSTS = 2, 9
# Stands for the ID of a node, which the platform gives out: the instance and the number of the node.
NODE = "node {} of {}"

NAMES = {
    "data_centers": ("north", "south-2", "2024", "no", "_", "NORTH", "z" * 20),
    "key_pairs": ("platform-2026", "登录 密钥", 'it\'s "quoted"', "0", "k" * 128),
    "instances": ("orders-prod", "ORDERS-prod", "ledger_2-", "Null", "i" * 64),
    "users": ("app", "App", "dba_1", "yes", "u" * 63),
    "roles": ("readonly", "_auditors", "None", "r" * 63),
    "databases": ("orders", "Orders", "_billing", "d" * 63),
    "schemas": ("shipping", "Shipping", "returns_2", "s" * 63),
    "inspection_scenes": ("before-upgrade", "Before-upgrade", "s___"),
    "inspections": ("nightly-health", "nightly-health-2", "Four"),
    "sql_throttles": ("few_reports", "$1", "FEW_reports"),
}
CHECKS = tuple(item.names[0] for item in ITEMS.values())

_texts = st.one_of(
    st.sampled_from(("", "Hall N, rows 1 to 6", "机房", "no", "- a: b", "100%", "two\nlines", "'\"\\")),
    st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_characters="{}"), max_size=20),
)
_passwords = st.text(st.sampled_from("aZ0~!@#$%^&*()-_=+|[];:,.<>/?"), max_size=17).map(lambda tail: SENTINEL + tail)
_directories = st.sampled_from(("/usr/local/core/app", "/data 1", "/数据"))
_words = st.text(st.sampled_from("abcXYZ019_-."), min_size=2, max_size=8)
_moments = st.sampled_from(("2031-01-05 08:00:00 UTC", "2031-01-05T16:00:00+08:00", "2032-02-29T00:00:00Z"))
_collations = st.sampled_from(("C", "en_US.UTF-8", "zh_CN.utf8"))


def _window(hour: int) -> str:
    return f"{hour:02}:00-{hour + 1:02}:00"


VALUES: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "data_centers": {"description": _texts},
    "key_pairs": {
        "description": _texts,
        "mode": st.sampled_from(("0600", "640")),
    },
    "hosts": {
        "ssh_port": st.sampled_from((22, 1, 65535)),
        "description": _texts,
    },
    "instances": {
        "port": st.integers(1024, 39989).filter(lambda port: port not in RESERVED_PORTS),
        "root_password": _passwords,
        "engine_version": st.sampled_from(DEFAULT_VERSIONS),
        "configuration_id": st.sampled_from(("", "d5a1c0ffee")),
        "time_zone": st.sampled_from(("UTC+08:00", "UTC", "Asia/Shanghai")),
        "install_dirs": st.dictionaries(
            st.sampled_from(("install_dir", "log_dir", "dn_dir", "etcd_dir")), _directories, max_size=2
        ),
        "keep_full_backup_days": st.integers(0, 10000),
        "keep_differential_backup_days": st.integers(0, 10000),
    },
    "backup_policy": {
        "keep_days": st.integers(1, 732),
        "start_time": st.one_of(st.integers(0, 23).map(_window), st.just("23:00-00:00")),
        "period": st.lists(st.integers(1, 7), min_size=1, unique=True),
        "rate_limit_mb": st.integers(0, 1024),
        "prefetch_blocks": st.integers(1, 8192),
        "file_split_size_gb": st.integers(0, 256).map(lambda number: 4 * number),
    },
    "backup_config": {"rate_limit_mb": st.integers(0, 1024), "prefetch_blocks": st.integers(1, 8192)},
    "users": {
        "password": _passwords,
        "attributes": st.dictionaries(st.sampled_from(tuple(ATTRIBUTE_NAMES)), st.booleans(), max_size=3),
    },
    "roles": {"password": _passwords},
    "databases": {
        "character_set": st.sampled_from((*CHARACTER_SETS, "utf-8", "gb18030-2022")),
        "lc_collate": _collations,
        "lc_ctype": _collations,
    },
    "sql_throttles": {"parallel_size": st.sampled_from((0, 1, 2147483647))},
    "sql_patches": {
        "name": st.sampled_from(("parcels", "包裹", "p" * 63, "a b")),
        "hint": st.sampled_from(("indexscan(parcels)", "h" * 1024, "包裹'")),
    },
    "inspection_scenes": {"checks": st.lists(st.sampled_from(CHECKS), min_size=1, max_size=4, unique=True)},
    "inspections": {"start_time": _moments},
}
# What the writer gives itself, because it depends on other options or objects.
WRITTEN = {
    "data_centers": ("name",),
    "key_pairs": ("name", "state", "force", "public_key_path"),
    "hosts": (
        *("name", "manage_ip", "data_ip", "virtual_ip", "data_center", "key_pair", "os_root_password"),
        *("os_type", "cpu_spec", "storage_type"),
    ),
    "instances": (
        *("name", "state", "solution", "manage_ips", "master_az_ips", "slave_az_ips", "arbiter_az_ips"),
        *("logger_az_ips", "float_ip", "consistency", "consistency_protocol", "os_type", "cpu_spec", "arch"),
        *("component_distributions", "force", "engine_type"),
    ),
    "extensions": ("key", "value"),
    "roles": ("name",),
    "users": ("name",),
    "databases": ("name", "owner"),
    "schemas": ("name", "owner"),
    "privileges": tuple(each.name for each in fields_of(part_named("privileges"))),
    "sql_throttles": (
        *("name", "state", "type", "sql_id", "sql_model", "node_ids", "sql_type", "keywords", "databases"),
        *("cpu_utilization", "memory_utilization", "start_time", "end_time", "duration"),
    ),
    "sql_patches": ("node_id", "sql_id", "state"),
    "inspection_scenes": ("name", "state"),
    "inspections": ("name", "state", "instances", "checks", "scene", "period", "day", "time"),
    "alarm_policies": ("source", "targets"),
    "dbmind_instances": ("dbmind_instance", "instances", "state"),
    "dr_log_keep": ("state", "log_keep_percent"),
}
_BY_ID = "the platform gives out IDs"
# What no description has here, and why.
NEVER_WRITTEN = {
    ("data_centers", "id"): _BY_ID,
    ("key_pairs", "key_pair_id"): _BY_ID,
    ("hosts", "host_id"): _BY_ID,
    ("hosts", "data_center_id"): _BY_ID,
    ("hosts", "ssh_key_id"): _BY_ID,
    ("instances", "instance_id"): _BY_ID,
    ("sql_throttles", "task_id"): _BY_ID,
    ("inspections", "inspection_id"): _BY_ID,
    ("inspection_scenes", "scene_id"): _BY_ID,
    ("dbmind_instances", "dbmind_instance_id"): _BY_ID,
    ("instances", "restore"): "needs the backup of another instance",
}
# How a task is run says nothing about the platform.
RUN_OPTIONS = ("wait", "wait_timeout", "wait_interval")


def is_written(part: str, option: str) -> bool:
    """Whether descriptions may have an option of a part."""
    return option not in RUN_OPTIONS and (part, option) not in NEVER_WRITTEN


@cache
def options_of(part: str) -> tuple[Mapping[str, st.SearchStrategy[Any]], Mapping[str, st.SearchStrategy[Any]]]:
    """Return the values of the options that an object is created with, and of those that may change."""
    fixed, free = {}, {}
    for each in fields_of(part_named(part)):
        if is_written(part, each.name) and each.name not in WRITTEN.get(part, ()):
            once = each.role in (Role.CREATE_ONLY, Role.WRITE_ONLY)
            (fixed if once else free)[each.name] = _values_of(part, each)
    return fixed, free


def _values_of(part: str, each: Field) -> st.SearchStrategy[Any]:
    known = VALUES.get(part, {}).get(each.name)
    if known is not None:
        return known
    if each.choices:
        return st.sampled_from(tuple(each.choices))
    if each.type == "bool":
        return st.booleans()
    raise LookupError(f"VALUES, WRITTEN or NEVER_WRITTEN must say what {part}.{each.name} can be")


@dataclass
class Thing:
    """An object that the platform has: the values that it was created with."""

    fixed: Values
    new: bool = field(default=True, kw_only=True)


@dataclass
class Host(Thing):
    rack: int
    # Its addresses no longer change.
    used: bool = False
    free: bool = True


@dataclass
class Instance(Thing):
    hosts: list[int]
    mode: str
    arch: str
    running: bool = True
    users: dict[str, Thing] = field(default_factory=dict)
    roles: dict[str, Thing] = field(default_factory=dict)
    databases: dict[str, Thing] = field(default_factory=dict)
    # By database.
    schemas: dict[str, dict[str, Thing]] = field(default_factory=dict)
    throttles: dict[str, str] = field(default_factory=dict)
    # By node and statement.
    patches: set[tuple[str, str]] = field(default_factory=set)
    managed: bool = False
    # Whether it is in a relation, so that it can neither be stopped nor removed.
    related: bool = False

    @property
    def nodes(self) -> int:
        return len(self.hosts) or 1


class Writer:
    """Writes one description after the other."""

    def __init__(self, draw: Any, world: Mapping[str, Any] = WORLD) -> None:
        self.draw = draw
        # Whether all of it can be created again: an instance that does not run cannot, nor can an inspection of one
        # that is gone.
        self.again = world is EMPTY
        self.data_centers: set[str] = set()
        self.key_pairs: dict[str, Thing] = {}
        self.hosts: dict[int, Host] = {}
        self.instances: dict[str, Instance] = {}
        if "instances" in world:
            legacy = Instance({}, [], CENTRALIZED, "", related=True, new=False)
            legacy.users, legacy.databases = {"guest": Thing({}, new=False)}, {"old": Thing({}, new=False)}
            self.instances[LEGACY] = legacy
        self.scenes: set[str] = set()
        self.inspections: dict[str, Values] = {}
        self.racks = [self._rack() for _each in range(RACKS)]
        # What the description that is being written says.
        self.estate: Values = {}

    # Choices

    def coin(self) -> bool:
        return bool(self.draw(st.booleans()))

    def seldom(self) -> bool:
        return bool(self.draw(st.integers(0, 7)) == 7)

    def one(self, values: Sequence[T]) -> T:
        found: T = self.draw(st.sampled_from(values))
        return found

    def some(self, values: Sequence[T], least: int = 0, most: int = 3) -> list[T]:
        if not values or not most:
            return []
        found: list[T] = self.draw(
            st.lists(st.sampled_from(values), min_size=min(least, len(values)), max_size=most, unique=True)
        )
        return found

    def entry(self, part: str, thing: Thing | None, required: Sequence[str] = ()) -> Values:
        """Return some options of an object: those that it was created with, and those that may change."""
        _fixed, free = options_of(part)
        entry = {}
        for name, value in thing.fixed.items() if thing else ():
            if name in required or self.coin():
                entry[name] = value
        if thing is not None and thing.new:
            # What is not said when it is created, the platform decides.
            thing.fixed, thing.new = dict(entry), False
        for name, values in free.items():
            if self.coin():
                entry[name] = None if self.seldom() else self.draw(values)
        return entry

    def created(self, part: str, required: Sequence[str] = ()) -> Values:
        """Return values of options for a new object."""
        fixed, _free = options_of(part)
        return {name: self.draw(values) for name, values in fixed.items() if name in required or self.coin()}

    # Parts of the platform

    def write(self) -> Values:
        """Return another description."""
        self.estate = {}
        if self.seldom():
            self.estate["window"] = self.one((*OPEN, *CLOSED))
        present = self._data_centers()
        keys = self._key_pairs()
        new = self._new_instances()
        self._hosts(present, keys, {number for each in new.values() for number in each.hosts})
        self._instances(new)
        self._inspections()
        self._operations()
        described = {name: value for name, value in self.estate.items() if value != []}
        if set(described) == {"window"}:
            return {}
        # An empty list is no description of anything.
        empty = {name: [] for name in self.estate if name not in described and described and self.seldom()}
        return {**described, **empty}

    def _rack(self) -> Values:
        cpu = self.one(("kunpeng", "intel", "hygon"))
        return {
            "os_type": self.one(("kylin", "uniontech")),
            "cpu_spec": cpu,
            "storage_type": self.one(("localssd", "dorado")),
        }

    def _data_centers(self) -> list[str]:
        names = self.some(NAMES["data_centers"])
        self.data_centers |= set(names)
        self.estate["data_centers"] = [{"name": name, **self.entry("data_centers", None)} for name in names]
        return names

    def _key_pairs(self) -> list[str]:
        entries, present = [], []
        in_use = {host.fixed.get("key_pair") for host in self.hosts.values()}
        for name in self.some(NAMES["key_pairs"], most=2):
            if self.seldom() and name not in in_use:
                self.key_pairs.pop(name, None)
                entries.append({"name": name, "state": "absent", "force": self.coin()})
                continue
            thing = self.key_pairs.setdefault(name, Thing(self.created("key_pairs")))
            entries.append({"name": name, **self.entry("key_pairs", thing)})
            if self.coin():
                entries[-1]["public_key_path"] = f"{NAMES['key_pairs'].index(name)}.pub"
            present.append(name)
        self.estate["key_pairs"] = entries
        return present

    def _hosts(self, centers: Sequence[str], keys: Sequence[str], needed: set[int]) -> None:
        """Describe hosts: those that new instances need, and others."""
        known = centers or sorted(self.data_centers)
        logins = keys or ([] if self.estate["key_pairs"] else sorted(self.key_pairs))
        more = self.some(tuple(range(RACKS * RACK_HOSTS)), most=2) if known else []
        more += self.some(sorted(self.hosts), most=2)
        numbers = list(dict.fromkeys((*sorted(needed), *more)))
        self.estate["hosts"] = [self._host(number, known, logins) for number in numbers]

    def _host(self, number: int, centers: Sequence[str], keys: Sequence[str]) -> Values:
        new = number not in self.hosts
        if new:
            rack = number // RACK_HOSTS
            login = (
                {"key_pair": self.one(keys)} if keys and self.coin() else {"os_root_password": self.draw(_passwords)}
            )
            self.hosts[number] = Host({**self.created("hosts"), **self.racks[rack], **login}, rack)
        host = self.hosts[number]
        required = ("os_type", "cpu_spec", "storage_type", "key_pair", "os_root_password") if new else ()
        entry = {"manage_ip": address(number), **self.entry("hosts", host, required)}
        if "key_pair" in entry and entry["key_pair"] not in keys:
            del entry["key_pair"]
        if new or self.coin():
            entry["name"] = self.one((f"db-{number:02}", f"主机 {number}"))
        if centers and (new or self.coin()):
            entry["data_center"] = self.one(centers)
        for name, network in (("data_ip", 21), ("virtual_ip", 22)):
            if new or (self.coin() and not host.used):
                host.fixed[name] = address(number, network + (10 if self.seldom() else 0))
                entry[name] = host.fixed[name]
        return entry

    # Instances

    def _new_instances(self) -> dict[str, Instance]:
        """Choose the instances that this description adds, and their hosts."""
        found: dict[str, Instance] = {}
        if not self.data_centers:
            return found
        names = [name for name in NAMES["instances"] if name not in self.instances]
        taken: set[int] = set()
        for name in self.some(names, most=2):
            rack = self.one(range(RACKS))
            free = [n for n in range(rack * RACK_HOSTS, (rack + 1) * RACK_HOSTS) if n not in taken]
            free = [number for number in free if number not in self.hosts or self.hosts[number].free]
            fitting = [each for each, shape in TOPOLOGIES.items() if shape.hosts <= len(free)]
            if fitting:
                instance = self._new_instance(self.one(fitting), free, self.racks[rack])
                taken |= set(instance.hosts)
                found[name] = instance
        return found

    def _new_instance(self, solution: str, free: Sequence[int], rack: Values) -> Instance:
        shape = TOPOLOGIES[solution]
        hosts = list(free[: shape.hosts])
        arch = "ARM" if rack["cpu_spec"] == "kunpeng" else "X86"
        values = self.created("instances", ("root_password",))
        values |= {"solution": solution, "arch": arch}
        values["os_type"] = {"kylin": "Kylin", "uniontech": "UnionTech"}[rack["os_type"]]
        values["cpu_spec"] = rack["cpu_spec"].capitalize()
        values |= self._zones(solution, hosts)
        if shape.mode != CENTRALIZED and self.coin():
            values["consistency"] = self.one(("strong", "eventual"))
        if self.coin():
            values["consistency_protocol"] = self.one(("quorum", "paxos")) if shape.etcd else "paxos"
        if shape.mode == CENTRALIZED and shape.hosts > 1 and self.coin():
            values["float_ip"] = address(hosts[0], 23)
        if self.seldom():
            values["component_distributions"] = [{"component": "cm", "ip": address(hosts[0])}]
        return Instance(values, hosts, shape.mode, arch)

    def _zones(self, solution: str, hosts: Sequence[int]) -> Values:
        shape = TOPOLOGIES[solution]
        addresses = [address(number) for number in hosts]
        arbiters, others = addresses[: shape.arbiters], addresses[shape.arbiters :]
        lists = {"arbiter_az_ips": arbiters} if arbiters else {}
        if "master_az_ips" in shape.zones and self.coin():
            cut = self.draw(st.integers(1, len(others)))
            lists["master_az_ips"] = others[:cut]
            if "slave_az_ips" in shape.zones and others[cut:] and self.coin():
                lists["slave_az_ips"] = others[cut:]
            elif others[cut:] or self.coin():
                # A host in a zone may be in this list, too.
                lists["manage_ips"] = others if self.coin() else others[cut:] or others
        else:
            lists["manage_ips"] = others
        return lists

    def _instances(self, new: Mapping[str, Instance]) -> None:
        entries = []
        for name in (*new, *self.some(sorted(self.instances), self.draw(st.integers(0, 1)), 2)):
            entries.append({"name": name, **self._instance(name, new.get(name))})
        self.estate["instances"] = entries

    def _instance(self, name: str, new: Instance | None) -> Values:
        instance = new or self.instances[name]
        if new is not None:
            self.instances[name] = new
            for number in new.hosts:
                self.hosts[number].used, self.hosts[number].free = True, False
        state = "present" if new else self._state(name, instance)
        settings: Values = {}
        if self.seldom():
            settings["window"] = self.one((*OPEN, *CLOSED))
        if state != "absent" and self.seldom():
            settings["protected"] = self.coin()
        closed = settings.get("window", self.estate.get("window")) in CLOSED
        if state == "absent":
            if not closed:
                del self.instances[name]
                for number in instance.hosts:
                    self.hosts[number].free = True
            entry = {"state": "absent", **settings, **self.entry("instances", None)}
            return {**entry, "force": True} if self.coin() else entry
        required = () if new is None else ("solution", "root_password", "os_type", "cpu_spec", "arch", *_LISTS)
        entry = self._fitting(instance, self.entry("instances", instance, required))
        if state != "present" or self.coin():
            entry["state"] = state
        entry |= settings
        # What is inside of an instance that does not run cannot be planned.
        readable = instance.running and state != "stopped"
        if state == "started" or (state == "stopped" and not closed):
            instance.running = state == "started"
        if readable:
            entry |= self._contents(name, instance, new is not None)
        return entry

    def _state(self, name: str, instance: Instance) -> str:
        states = ["present", "present", "started", "stopped", "absent"]
        if instance.managed or instance.related:
            states = states[:3]
        if self.again:
            inspected = {each for entry in self.inspections.values() for each in entry["instances"]}
            states = [each for each in states if each != "stopped" and (each != "absent" or name not in inspected)]
        return self.one(states)

    def _fitting(self, instance: Instance, entry: Values) -> Values:
        """Leave out what would not fit to the rest of the description, as far as nothing needs it."""
        described = {host["manage_ip"] for host in self.estate["hosts"]}
        named = {ip for option in _LISTS for ip in entry.get(option) or ()}
        named |= {each["ip"] for each in entry.get("component_distributions") or ()}
        known = not described or named <= described
        # Some of the lists without the others would be another topology.
        whole = all(option in entry for option in _LISTS if option in instance.fixed)
        dropped = (*(() if whole and known else _LISTS), *(() if known else ("component_distributions",)))
        return {name: value for name, value in entry.items() if name not in dropped}

    # Inside of an instance

    def _contents(self, name: str, instance: Instance, new: bool) -> Values:
        found: Values = {}
        if self.coin():
            found |= self._parameters(instance)
        if self.seldom():
            found["extensions"] = self.draw(_extensions)
        if self.coin():
            found |= self._backups(instance)
        if instance.related and self.coin():
            found["dr_log_keep"] = {"state": self.one(("started", "stopped"))}
            if self.coin():
                found["dr_log_keep"]["log_keep_percent"] = self.draw(st.integers(1, 100))
        accounts = self._accounts(instance, found)
        databases = self._databases(instance, found, accounts) if self.coin() else []
        if self.coin():
            found["privileges"] = self._privileges(instance, found, accounts, databases)
        if self.coin():
            found["sql_throttles"] = self._throttles(name, instance, databases, new)
        if not new and self.coin():
            found["sql_patches"] = self._patches(name, instance)
        return found

    def _parameters(self, instance: Instance) -> Values:
        known = template(instance.mode != CENTRALIZED)
        names = self.some(tuple(known))
        found: Values = {"parameters": {name: self.draw(_parameter_values(known[name])) for name in names}}
        if self.coin():
            found["parameter_restart"] = self.one(("never", "if_required"))
        return found

    def _backups(self, instance: Instance) -> Values:
        policy = self.entry("backup_policy", None)
        config = {name: value for name, value in self.entry("backup_config", None).items() if name not in policy}
        if instance.nodes == 1:
            for part in (policy, config):
                if part.get("standby_backup"):
                    part["standby_backup"] = False
        return {name: part for name, part in (("backup_policy", policy), ("backup_config", config)) if part}

    def _accounts(self, instance: Instance, found: Values) -> list[str]:
        """Describe users and roles; return those that may be referred to."""
        for part, known in (("roles", instance.roles), ("users", instance.users)):
            if not self.coin():
                continue
            found[part] = []
            for name in self.some(NAMES[part], most=2):
                fresh = name not in known
                thing = known.setdefault(name, Thing(self.created(part, ("password",))))
                found[part].append({"name": name, **self.entry(part, thing, ("password",) if fresh else ())})
        self._exclusive(instance, found)
        for key in ("update_password", "update_attributes"):
            if "users" in found and self.seldom():
                found[key] = self.one({"update_password": ("always", "on_create")}.get(key, ("always", "on_change")))
        described = [each["name"] for part in ("roles", "users") for each in found.get(part) or ()]
        return described or sorted((*instance.roles, *instance.users))

    def _exclusive(self, instance: Instance, found: Values) -> None:
        """Say of users or roles that there should be no others, unless one of the others owns something."""
        owners = {each.fixed.get("owner") for each in instance.databases.values()}
        owners |= {each.fixed.get("owner") for known in instance.schemas.values() for each in known.values()}
        described = {each["name"] for part in ("roles", "users") for each in found.get(part) or ()}
        for part, known in (("roles", instance.roles), ("users", instance.users)):
            surplus = set(known) - described
            # The platform lists a user who may not log in as it lists a role, and refuses to remove it as one.
            unclear = part == "roles" and set(instance.users) - described
            if part in found and self.seldom() and not surplus & owners and not unclear:
                found[f"{part}_exclusive"] = True
                for name in surplus:
                    del known[name]

    def _databases(self, instance: Instance, found: Values, accounts: Sequence[str]) -> list[str]:
        entries = []
        for name in self.some(NAMES["databases"], most=2):
            if name not in instance.databases:
                owner = {"owner": self.one((*accounts, "root"))} if self.coin() else {}
                instance.databases[name] = Thing({**self.created("databases"), **owner})
            entry = {"name": name, **self.entry("databases", instance.databases[name])}
            if entry.get("owner") not in (None, "root", *accounts):
                del entry["owner"]
            if self.coin():
                entry["schemas"] = self._schemas(instance.schemas.setdefault(name, {}), accounts)
            entries.append(entry)
        found["databases"] = entries
        return [each["name"] for each in entries] or sorted(instance.databases)

    def _schemas(self, known: dict[str, Thing], accounts: Sequence[str]) -> list[Values]:
        entries = []
        for name in self.some(NAMES["schemas"], most=2):
            fresh = name not in known
            thing = known.setdefault(name, Thing({"owner": self.one((*accounts, "root"))}))
            entry = {"name": name, **self.entry("schemas", thing, ("owner",) if fresh else ())}
            if entry.get("owner") not in (None, "root", *accounts):
                del entry["owner"]
            entries.append(entry)
        return entries

    def _privileges(
        self, instance: Instance, found: Values, accounts: Sequence[str], databases: Sequence[str]
    ) -> list[Values]:
        return [
            self._privilege(instance, found, accounts, databases)
            for _each in range(self.draw(st.integers(1, 3)) if accounts else 0)
        ]

    def _privilege(
        self, instance: Instance, found: Values, accounts: Sequence[str], databases: Sequence[str]
    ) -> Values:
        grantee = self.one(accounts)
        kind = self.one(tuple(KINDS) if databases else ("role", "tablespace"))
        entry: Values = {"grantee": grantee, "type": kind}
        about = KINDS[kind]
        for option in (*about.needs, *(name for name in about.takes if self.coin())):
            entry |= self._place(option, kind, instance, accounts, databases, entry)
        if kind == "attribute":
            own = next((each for each in found.get("users") or () if each["name"] == grantee), {})
            # A role that may log in is a user.
            free = [name for name in ATTRIBUTE_NAMES if name not in (own.get("attributes") or {"login": True})]
            if not free:
                return {"grantee": grantee, "type": "role", "objects": ["gs_role_copy_files"]}
            entry["privileges"] = self.some(free, 1)
        elif about.privileges:
            entry["privileges"] = [name.upper() if self.coin() else name for name in self.some(about.privileges, 1)]
        return entry

    def _place(
        self,
        option: str,
        kind: str,
        instance: Instance,
        accounts: Sequence[str],
        databases: Sequence[str],
        entry: Values,
    ) -> Values:
        """Return an option that says what a privilege is about."""
        if option == "database":
            return {"database": self.one((*databases, "postgres"))} if databases else {}
        if option == "schema":
            known = instance.schemas.get(entry.get("database", ""), {})
            return {"schema": self.one(("public", *sorted(known)))}
        if option == "owner":
            return {"owner": self.one(accounts)}
        if option == "grant_option":
            return {"grant_option": self.coin()}
        if option == "argument_types":
            return {"argument_types": ["integer", "text"]} if len(entry["objects"]) == 1 else {}
        if option == "object" and kind == "role":
            # Only users are members of roles, so that no role is a member of itself.
            roles = [name for name in accounts if name in instance.roles] if entry["grantee"] in instance.users else []
            return {"objects": self.some((*roles, "gs_role_copy_files", "gs_role_tablespace"), 1)}
        return {"table": "t"} if option == "table" else {"objects": self.some(("parcels", "Rows", "总账"), 1)}

    def _throttles(self, owner: str, instance: Instance, databases: Sequence[str], new: bool) -> list[Values]:
        entries = []
        for name in self.some(NAMES["sql_throttles"], most=2):
            if name in instance.throttles and self.seldom():
                del instance.throttles[name]
                entries.append({"name": name, "state": "absent"})
                continue
            kinds = ["sessions", *(["sql_type"] if databases else []), *([] if new else ["sql_id"])]
            kind = self.one(kinds)
            instance.throttles[name] = kind
            entries.append({"name": name, "type": kind, **self._throttle(kind, owner, instance, databases)})
        return entries

    def _throttle(self, kind: str, owner: str, instance: Instance, databases: Sequence[str]) -> Values:
        entry: Values = {"parallel_size": self.draw(VALUES["sql_throttles"]["parallel_size"])}
        if kind == "sessions":
            entry |= {"cpu_utilization": self.draw(st.integers(1, 99))}
            if self.coin():
                entry["memory_utilization"] = self.draw(st.integers(0, 99))
        else:
            entry |= {"end_time": self.draw(_moments)} if self.coin() else {"duration": self.one(("30d", "90 D", "2w"))}
        if kind == "sql_id":
            entry["sql_id"] = self.one(("2987311045", "1"))
            entry["sql_model"] = self.one(("select ? from orders", "update a set b = ?"))
            entry["node_ids"] = [self._node(owner, instance)]
        if kind == "sql_type":
            entry["sql_type"] = self.one(("select", "update", "insert", "delete", "merge"))
            entry["keywords"] = self.draw(st.lists(_words, min_size=2, max_size=3))
            entry["databases"] = self.some(databases, 1)
        return entry

    def _node(self, owner: str, instance: Instance) -> str:
        return NODE.format(self.draw(st.integers(0, min(instance.nodes, 3) - 1)), owner)

    def _patches(self, owner: str, instance: Instance) -> list[Values]:
        entries = []
        for sql_id in self.some(("2987311045", "1"), most=2):
            entry = {"node_id": self._node(owner, instance), "sql_id": sql_id}
            place = (entry["node_id"], sql_id)
            if place in instance.patches and self.coin():
                instance.patches.discard(place)
                entries.append({**entry, "state": "absent"})
                continue
            instance.patches.add(place)
            # On one node names are unique, as statements are.
            entry["name"] = f"{self.draw(VALUES['sql_patches']['name'])[:50]} {sql_id}"
            entry["hint"] = self.draw(VALUES["sql_patches"]["hint"])
            entries.append({**entry, "state": self.one(("enabled", "disabled"))})
        return entries

    # What is about several instances

    def _running(self) -> list[str]:
        """Return the running instances that may be named."""
        described = [each["name"] for each in self.estate["instances"]] or sorted(self.instances)
        return [name for name in described if name in self.instances and self.instances[name].running]

    def _inspections(self) -> None:
        entries = []
        for name in self.some(NAMES["inspection_scenes"], most=1):
            if name in self.scenes and self.coin():
                self.scenes.discard(name)
                entries.append({"name": name, "state": "absent"})
            else:
                self.scenes.add(name)
                entries.append({"name": name, "checks": self.draw(VALUES["inspection_scenes"]["checks"])})
        self.estate["inspection_scenes"] = entries
        running = self._running()
        self.estate["inspections"] = [
            self._inspection(name, running) for name in self.some(NAMES["inspections"], most=2 if running else 0)
        ]

    def _inspection(self, name: str, running: Sequence[str]) -> Values:
        if name in self.inspections and self.seldom():
            del self.inspections[name]
            return {"name": name, "state": "absent"}
        period = self.one(("daily", "weekly", "monthly", "soon", "later"))
        entry: Values = {"name": name, "instances": self.some(running, 1), "period": period}
        if self.scenes and self.coin():
            entry["scene"] = self.one(sorted(self.scenes))
        else:
            entry["checks"] = self.draw(VALUES["inspection_scenes"]["checks"])
        if period in ("weekly", "monthly"):
            entry["day"] = self.draw(st.integers(1, 7))
        if period == "later":
            entry["time"] = self.draw(_moments)
        elif period != "soon":
            entry["time"] = self.one(("01:30:00", "1:30", "23:59"))
        self.inspections[name] = entry
        return entry

    def _operations(self) -> None:
        running = self._running()
        if len(running) > 1 and self.coin():
            self.estate["alarm_policies"] = [{"source": running[0], "targets": self.some(running[1:], 1)}]
        entries = []
        for arch, name in DBMIND.items():
            fitting = [each for each in running if self.instances[each].arch == arch]
            chosen = self.some(fitting)
            if not chosen:
                continue
            managed = not (all(self.instances[each].managed for each in chosen) and self.coin())
            for each in chosen:
                self.instances[each].managed = managed
            entry: Values = {"dbmind_instance": name, "instances": chosen}
            entries.append(entry if managed else {**entry, "state": "absent"})
        self.estate["dbmind_instances"] = entries


_LISTS = ("manage_ips", "master_az_ips", "slave_az_ips", "arbiter_az_ips", "logger_az_ips")
_extensions = st.dictionaries(
    st.sampled_from(EXTENSION_KEYS),
    st.one_of(st.sampled_from(("", "/etc/xbsa.conf", "[1, 2]", "007", "null")), st.integers(-9, 9), st.booleans()),
    min_size=1,
    max_size=2,
)


def address(number: int, network: int = 20) -> str:
    """Return the address of a host in a network. Some hosts have those of IPv6."""
    if number % RACK_HOSTS == RACK_HOSTS - 1:
        return f"fd00:{network}::{number + 1:x}"
    return f"10.{network}.0.{number + 1}"


@cache
def _parameter_values(parameter: Parameter) -> st.SearchStrategy[Any]:
    default = st.just(parameter.default)
    if parameter.type in ("integer", "float"):
        least, most = (float(each) for each in _bounds(parameter.value_range))
        if parameter.type == "float":
            return st.one_of(default, st.sampled_from((least, most, (least + most) / 2)))
        numbers = st.integers(int(least), int(most))
        return st.one_of(default, numbers, numbers.map(str))
    if parameter.type == "string":
        return default
    words = tuple(parameter.value_range.split(","))
    switches = st.booleans() if {"on", "off"} == set(words) else default
    return st.one_of(st.sampled_from(words), switches)


def _bounds(value_range: str) -> tuple[str, str]:
    least, _dash, most = value_range.rpartition("-")
    return (least.rstrip("-"), f"-{most}") if least.endswith("-") else (least, most)


@st.composite
def histories(draw: Any, world: Mapping[str, Any] = WORLD) -> list[tuple[Values, Values]]:
    """Descriptions of one platform, in the order in which they are carried out; each also in another form."""
    writer = Writer(draw, world)
    written = [writer.write() for _each in range(draw(st.integers(1, 3)))]
    # To say nothing is only allowed in so many words.
    return [(each, disguise(draw, each) if each else each) for each in written]


def elsewhere(holder: Mapping[str, Any], parent: str = "") -> Values:
    """Return a description without the entries that have IDs of their platform, by the table of the estate."""
    found = dict(holder)
    for part in children_of(parent):
        if isinstance(holder.get(part.name), list):
            kept = [entry for entry in holder[part.name] if not set(part.local) & set(entry)]
            found[part.name] = [elsewhere(entry, part.name) for entry in kept]
    return {name: value for name, value in found.items() if value != []}
