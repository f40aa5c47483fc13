# SPDX-License-Identifier: GPL-3.0-or-later
"""Valid requests generated from the contract, with the IDs, names and addresses that exist at the moment.

A random generator decides everything, so that a seed repeats a run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from tpops_simulator.contract import Contract, Operation, resolve
from tpops_simulator.model import dr, inspections, throttles
from tpops_simulator.model.entities import ACTIVE, HOST_INITIALIZED, HOST_UNMANAGED, Instance, Node
from tpops_simulator.model.hosts import surroundings
from tpops_simulator.model.inspection_items import BY_ID
from tpops_simulator.model.metrics import GROUPS
from tpops_simulator.model.site import Site
from tpops_simulator.model.topology import is_broken

PASSWORD = "Gauss_2345"
ADMIN_PASSWORD = "Simulated-Pw1"
SOLUTIONS = ("single", "triset", "quadruset", "pentaset", "hcs3", "hcs6")
_TEXTS = ["", "a", "shop", "orders-1", "Zürich", "数据", "x" * 300, "' or 1=1 --", "<b>", "null", "0", "\u0000", "a b"]
# For schemas with a pattern: one of these fits each of them.
_SHAPED = [
    *("orders_1", "Orders-2", "x", "fresh_4", "2026-01-01T00:00:00+0000", "2026-01-01T00:00:00Z", "2026-01-01"),
    *("2026-01-01 00:00:00", "00:00-01:00", "23:00-24:00", "01:00:00-02:00:00", "1,2,3", "7", "192.0.2.1"),
    *("1767225600", "1767225600000", "dn_6001", "select 1", "A description."),
]


_RECYCLE = {"enable_default_ustore_table": "on", "enable_recyclebin": "on"}
_TABLES = [{"schema": "s", "name": "t"}, {"schema": "s", "name": "gone", "dropped": True}]


def contents(number: int) -> dict[str, Any]:
    """An estate with one instance of each kind, free hosts, and objects that only estates create."""
    zones = [f"az-{number}-{i}" for i in range(3)]
    return {
        "engine_versions": ["3.103.0", "3.200.0", "3.201.0"],
        "data_centers": zones,
        "key_pairs": [f"ssh-{number}"],
        "hosts": [
            {"name": f"h{number}-{i}", "manage_ip": f"10.100.{number % 250}.{i}", "data_center": zones[i % 3]}
            for i in range(1, 60)
        ],
        "instances": [
            {
                "name": f"{solution}-{number}",
                "solution": solution,
                "version": "3.103.0",
                "data_center": zones,
                "password": PASSWORD,
                "parameters": {} if solution.startswith("hcs") else _RECYCLE,
                "databases": [
                    {"name": "shop", "schemas": ["s"], "tables": _TABLES},
                    {"name": "audit", "owner": "clerk", "schemas": ["s"]},
                ],
                "users": [{"name": "clerk", "password": PASSWORD, "attributes": {"createdb": True}}],
                "roles": [{"name": "reader"}, {"name": "seller"}],
                "backups": [{"name": "full", "age_seconds": 3600}, {"name": "older", "age_seconds": 90000}],
            }
            for solution in SOLUTIONS
        ],
        "unmanaged_instances": [{"name": f"wild-{number}", "password": PASSWORD, "data_center": zones}],
        "dbmind_instances": [{"name": f"mind-{number}"}],
    }


@dataclass
class Call:
    """One request, ready to be sent."""

    operation: Operation
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    form: bool = False
    chinese: bool = False

    def __str__(self) -> str:
        return f"{self.operation.operation_id}: {self.operation.method} {self.path} {self.query} {self.body!r}"[:1500]


class Generator:
    """Draws calls for one site."""

    def __init__(self, contract: Contract, site: Site) -> None:
        self.contract = contract
        self.document = contract.document
        self.site = site
        self.operations = list(contract.operations.values())

    def call(self, chance: Random, operation: Operation) -> Call:
        spec = self.document["paths"][operation.path][operation.method.lower()]
        pool = Pool(self.site, operation, chance)
        query: dict[str, Any] = {}
        for parameter in operation.parameters:
            schema = resolve(self.document, parameter["schema"])
            if parameter["in"] == "query" and (parameter.get("required") or chance.random() < 0.5):
                value = self._value(chance, pool, parameter["name"], schema)
                query[parameter["name"]] = str(value).lower() if isinstance(value, bool) else value
        path = re.sub(r"\{(\w+)\}", lambda m: str(pool.take(m[1]) or "absent"), operation.path)
        call = Call(operation, path, query, chinese=chance.randint(0, 3) == 0)
        content = resolve(self.document, spec.get("requestBody", {})).get("content", {})
        if content:
            media = content.get("application/json") or next(iter(content.values()))
            call.form = "application/json" not in content or (len(content) > 1 and chance.randint(0, 5) == 0)
            examples = [e["value"] for e in (media.get("examples") or {}).values()] + [media.get("example")]
            examples = [e for e in examples if e is not None]
            if examples and chance.randint(0, 2):
                call.body = adapted(chance, pool, chance.choice(examples))
            else:
                call.body = self._value(chance, pool, "", resolve(self.document, media["schema"]))
        return call

    def _value(self, chance: Random, pool: Pool, name: str, schema: dict[str, Any], depth: int = 0) -> Any:
        schema = resolve(self.document, schema)
        for key in ("oneOf", "anyOf"):
            if key in schema:
                forms = schema[key]
                chosen = resolve(self.document, chance.choice(forms))
                rest = {k: v for k, v in schema.items() if k != key}
                merged = {
                    **rest,
                    **chosen,
                    "properties": {**rest.get("properties", {}), **chosen.get("properties", {})},
                }
                merged["required"] = [*rest.get("required", []), *chosen.get("required", [])]
                return self._value(chance, pool, name, merged, depth)
        if "allOf" in schema:
            merged = {k: v for k, v in schema.items() if k != "allOf"}
            for part in schema["allOf"]:
                merged = {**merged, **resolve(self.document, part)}
            return self._value(chance, pool, name, merged, depth)
        kind = schema.get("type", "object" if schema.get("properties") else "string")
        if kind == "object":
            return self._object(chance, pool, schema, depth)
        if kind == "array":
            least = schema.get("minItems", 0)
            count = least + chance.randint(0, max(0, min(schema.get("maxItems", 3), least + 3) - least))
            made = [self._value(chance, pool, name, schema.get("items", {}), depth + 1) for _unused in range(count)]
            return [v for i, v in enumerate(made) if v not in made[:i]] if schema.get("uniqueItems") else made
        if schema.get("nullable") and not chance.randint(0, 9):
            return None
        if "enum" in schema:
            return chance.choice(schema["enum"])
        if kind == "boolean":
            return chance.random() < 0.5
        known = pool.take(name) if chance.randint(0, 9) else None
        if kind in ("integer", "number"):
            if isinstance(known, int):
                return known
            low = schema.get("minimum", 0)
            return chance.randint(low, min(schema.get("maximum", low + 100), low + 100))
        if isinstance(known, str):
            return known
        return self._text(chance, schema)

    def _object(self, chance: Random, pool: Pool, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        required = set(schema.get("required", []))
        made = {}
        for name, inner in schema.get("properties", {}).items():
            if name in required or (depth < 6 and chance.randint(0, 2) == 0):
                made[name] = self._value(chance, pool, name, inner, depth + 1)
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            for _unused in range(1 + chance.randint(0, 2)):
                made[pool.take("parameter") or "a"] = self._value(chance, pool, "value", extra, depth + 1)
        return made

    @staticmethod
    def _text(chance: Random, schema: dict[str, Any]) -> str:
        if "pattern" in schema:
            fitting = [t for t in _SHAPED if re.search(schema["pattern"], t)]
            return chance.choice(fitting or _TEXTS)
        text = chance.choice(_TEXTS)
        return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", len(text) + 9)]


def adapted(chance: Random, pool: Pool, value: Any, name: str = "") -> Any:
    """A copy of the value, mostly with existing objects of the site as IDs and names."""
    if isinstance(value, dict):
        return {k: adapted(chance, pool, v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [adapted(chance, pool, v, name) for v in value]
    if value is not None and not isinstance(value, bool) and chance.randint(0, 9):
        known = pool.take(name)
        if isinstance(known, type(value)):
            return known
    return value


class Pool:
    """The objects of the site by field name. The instance is chosen once, so that its parts match it."""

    def __init__(self, site: Site, operation: Operation, chance: Random) -> None:
        self._site = site
        self._operation = operation
        self._chance = chance
        self._node: Node | None = None
        self._instance: Instance | None = self._of(self._suitable() if chance.random() < 0.8 else [])
        self._instance = self._instance or self._of(site.instances.values())

    def take(self, name: str) -> Any:
        """A value for the field, or None if the schema is enough."""
        maker = getattr(self, f"field_{name}", None)
        return maker() if maker else None

    def _of(self, values: Any) -> Any:
        values = list(values)
        return values[self._chance.randrange(2**20) % len(values)] if values else None

    def _suitable(self) -> list[Instance]:
        """The instances suitable for the operation: in a relation, broken, being backed up …"""
        operation_id, instances = self._operation.operation_id, list(self._site.instances.values())
        if self._operation.chapter == "disaster_recovery" and operation_id != "construct_dr":
            return [i for i in instances if dr.in_relation(self._site, i.id)]
        if operation_id in ("repair_nodes", "replace_node"):
            return [i for i in instances if len(i.nodes) > 1 and any(map(is_broken, i.nodes))]
        if operation_id == "expand_instance":
            return [i for i in instances if i.status == ACTIVE and i.solution.startswith("hcs")]
        if operation_id in ("confirm_restore_data", "stop_backup"):
            return [i for i in instances if i.status not in (ACTIVE, "FAILED", "SHUTDOWN")]
        return [i for i in instances if i.status == ACTIVE and not self._site.running_jobs(i.id)]

    def _nodes(self) -> list[Any]:
        return self._instance.nodes if self._instance else []

    # -- the fields -------------------------------------------------------------------------------------------------

    def field_instance_id(self) -> str | None:
        return self._instance.id if self._instance else None

    field_source_instance_id = field_source_id = field_master_instance_id = field_prepared_instance_id = (
        field_instance_id
    )

    def field_instance_ids(self) -> str | None:
        return self._of(self._site.instances)

    field_target_instance_ids = field_instance_ids

    def field_instance_name(self) -> str | None:
        if self._operation.operation_id == "manage_instance":
            return f"tamed-{self._chance.randrange(1000)}"
        return self._instance.name if self._instance else None

    def field_node_id(self) -> str | None:
        """The next field may need a component of the one drawn last."""
        nodes = [n for n in self._nodes() if is_broken(n)] or self._nodes()
        self._node = self._of(nodes if self._operation.operation_id.startswith("rep") else self._nodes())
        return self._node.id if self._node else None

    field_node_ids = field_node_id

    def field_component_id(self) -> str | None:
        nodes = [self._node] if self._node else self._nodes()
        wanted = [c for n in nodes for c in n.components if c.type in ("CN", "DN")]
        if self._operation.operation_id == "switch_shard":
            wanted = [c for c in wanted if c.status == "Standby"]
        return self._of(c.id for c in wanted)

    field_wdr_type = field_component = field_component_id

    def field_availability_zone_id(self) -> str | None:
        return self._of(n.az for n in self._nodes())

    field_upgrade_az = field_availability_zone_id

    def field_host_id(self) -> str | None:
        return self._of(self._site.hosts)

    def field_manage_ip(self) -> str | None:
        free = [h.manage_ip for h in self._site.hosts.values() if h.status in (HOST_INITIALIZED, HOST_UNMANAGED)]
        if self._operation.operation_id == "add_hosts" or not free:
            number = self._chance.randrange(2**20)
            return f"10.{number % 200}.{number // 200 % 250}.{number // 50000 + 1}"
        return self._of(free)

    field_manage_ips = field_manage_ip

    def field_manage_ip_list(self) -> str | None:
        return self._of(n.manage_ip for i in surroundings(self._site).unmanaged_instances for n in i.nodes)

    def field_data_ip(self) -> str:
        number = self._chance.randrange(2**20)
        return f"10.{200 + number % 50}.{number // 50 % 250}.{number // 12500 % 250 + 1}"

    field_virtual_ip = field_client_ip = field_data_ip

    def field_dr_ip(self) -> str | None:
        sites = [s for s in (self._site, self._site.peer) if s]
        return self._of(n.data_ip for s in sites for i in s.instances.values() for n in i.nodes)

    def field_dr_user_name(self) -> str:
        return "root"

    def field_password(self) -> str:
        return ADMIN_PASSWORD if self._operation.operation_id == "create_token" else PASSWORD

    field_dr_user_password = field_os_root_pwd = field_admin_password = field_root_password = field_metric_password = (
        field_password
    )
    field_rds_admin_password = field_manage_userpass = field_backup_password = field_repl_password = field_password

    def field_data_center_id(self) -> str | None:
        return self._of(self._site.data_centers)

    field_data_center_ids = field_data_center_id

    def field_ssh_key_id(self) -> str | None:
        return self._of(self._site.key_pairs)

    def field_id(self) -> str | None:
        collections = {"key_pair": self._site.key_pairs, "data_center": self._site.data_centers, "job": self._site.jobs}
        return self._of(collections.get(self._operation.chapter, self._site.instances))

    def field_job_id(self) -> str | None:
        if self._operation.operation_id == "download_wdr_report":
            books = self._site.extension("wdr", dict)
            return self._of(
                books[self._instance.id].collections if self._instance and self._instance.id in books else ()
            )
        return self._of(self._site.jobs)

    def field_backup_id(self) -> str | None:
        own = [b.id for b in self._site.backups.values() if b.instance_id == self.field_instance_id()]
        return self._of(own or self._site.backups)

    field_backup_ids = field_backup_id

    def field_task_id(self) -> str | None:
        return self._of(throttles.throttles(self._site).tasks)

    def field_inspection_id(self) -> str | None:
        return self._of(inspections.store(self._site).tasks)

    field_inspection_ids = field_inspection_id

    def field_record_id(self) -> str | None:
        return self._of(inspections.store(self._site).records)

    def field_item_ids(self) -> str | None:
        return self._of(BY_ID)

    def field_names(self) -> str | None:
        return self._of(inspections.store(self._site).scenes)

    def field_name(self) -> str | None:
        operation_id = self._operation.operation_id
        if operation_id == "list_metric_series":
            return self._of(GROUPS)
        if operation_id == "get_database_activity":
            return self._of(["shop", "audit"])
        if operation_id == "modify_inspection_scene":
            return self.field_names()
        names = ["fresh_1", "fresh_2", "fresh-3", "shop", "clerk", "seller"]
        if self._operation.chapter.startswith("database") and self._instance:
            names += [*self._instance.users, *self._instance.roles]
        return self._of(names)

    def field_user_name(self) -> str | None:
        return self._of(self._instance.users) if self._instance else None

    field_owner = field_user_name

    def field_database_name(self) -> str | None:
        return self._of(d for d in self._instance.databases if "t" not in d[:1]) if self._instance else None

    def field_schema_name(self) -> str:
        return self._of(["s", "public"])

    def field_table_name(self) -> str:
        return self._of(["t", "gone"])

    def field_column_name(self) -> str:
        return "c"

    def field_username(self) -> str:
        return "admin"

    def field_sql_id(self) -> str | None:
        every = self._site.extension("sql_patches", dict)
        return self._of(
            i for (instance, _unused), held in every.items() for i in held if instance == self.field_instance_id()
        )

    field_db_name = field_databases = field_database_name

    def field_synchronization_id(self) -> str | None:
        return self._of(r.synchronization_id for r in dr.get_records(self._site).by_id.values())

    def field_disaster_name(self) -> str | None:
        return self._of(r.name for r in dr.get_records(self._site).by_id.values())

    def field_db_assist_id(self) -> str | None:
        return self._of(self._site.extension("dbmind", dict))

    def field_version(self) -> str | None:
        return self._of(self._site.engine_versions)

    field_target_version = field_version

    def field_upgrade_type(self) -> str | None:
        return self._of(["inplace", "grey", "hotfix"])

    def field_upgrade_action(self) -> str | None:
        return self._of(["upgrade", "upgradeAutoCommit", "commit", "rollback"])

    def field_parameter(self) -> str | None:
        return self._of(["failed_login_attempts", "max_connections", "audit_enabled", "absent"])

    def _moment(self) -> float:
        offsets = (-86400, -3600, -600, -60, 0, 60, 3600, 86400)
        return self._site.clock.now() + offsets[self._chance.randrange(2**20) % len(offsets)]

    def field_start_time(self) -> Any:
        moment = self._moment()
        if self._operation.chapter in ("sql_log", "diagnosis"):
            return int(moment * 1000)
        if self._operation.operation_id == "set_backup_policy":
            return None
        if self._operation.operation_id == "sync_backup_metadata":
            return str(int(moment))
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")

    field_end_time = field_task_start_time = field_start_time

    def field_restore_time(self) -> str:
        return str(int(self._moment() * 1000))

    def field_flashback_time(self) -> str:
        return datetime.fromtimestamp(self._moment(), UTC).strftime("%Y-%m-%d %H:%M:%S")
