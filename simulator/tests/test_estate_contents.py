# SPDX-License-Identifier: GPL-3.0-or-later
"""What an estate file says of the inside of instances, and what is written back."""

from __future__ import annotations

import pytest
import yaml

from tpops_simulator import estate
from tpops_simulator.clock import Clock
from tpops_simulator.contract import load as load_contract
from tpops_simulator.handlers import load as load_handlers
from tpops_simulator.request import Request
from tpops_simulator.site import Site

MODULES = load_handlers(load_contract().operations)
ESTATE = """
instances:
  - name: orders
    solution: single
    users:
      - {name: orders_owner, password: Orders-pw-1, attributes: {createdb: true}, member_of: [readonly]}
      - app
    roles: [readonly]
    databases:
      - name: orders
        owner: orders_owner
        character_set: GBK
        schemas: [billing, {name: archive, owner: app}]
        tables:
          - {schema: billing, name: invoices, live_rows: 5000}
          - {name: gone, dropped: true}
        locks: [{table_name: invoices, grant_lock_type: tuple, user_name: app, app_name: gsql}]
      - stock
    parameters: {failed_login_attempts: 5, enable_recyclebin: 'on', enable_default_ustore_table: 'on'}
    backup_policy: {keep_days: 30}
    backup_config: {rate_limit: 10}
    backups: [{name: before-release, age_seconds: 86400}]
"""


def load(text):
    site = Site(clock=Clock(0))
    estate.load(site, yaml.safe_load(text), MODULES.modules)
    return site, next(iter(site.instances.values()))


def ask(site, instance, operation, body=None, **query):
    query = {"offset": 0, "limit": 100, **query}
    request = Request(operation, path={"instance_id": instance.id}, query=query, body=body)
    return MODULES.handlers[operation](site, request)


def test_everything_is_shown():
    site, instance = load(ESTATE)
    databases = ask(site, instance, "list_databases")["databases"]
    assert [(d["name"], d["owner"], d["character_set"]) for d in databases] == [
        ("orders", "orders_owner", "GBK"),
        ("stock", "root", "UTF8"),
    ]
    schemas = ask(site, instance, "list_schemas", db_name="orders")["database_schemas"]
    assert {s["schema_name"]: s["owner"] for s in schemas} == {"billing": "orders_owner", "archive": "app"}
    users = {u["name"]: u for u in ask(site, instance, "list_users")["users"]}
    assert list(users) == ["root", "orders_owner", "app", "readonly"]
    assert users["orders_owner"]["memberof"] == "{readonly}"
    assert users["orders_owner"]["attribute"]["rolcreatedb"] and users["app"]["attribute"]["rolcanlogin"]
    assert not users["readonly"]["attribute"]["rolcanlogin"]
    activity = ask(site, instance, "get_database_activity", name="orders", table_limit=100)
    assert [t["table_name"] for t in activity["relations_info"]] == ["invoices"]
    assert activity["row_lock_count"] == "1"
    parameters = {p["name"]: p["value"] for p in ask(site, instance, "get_parameters")["configuration_parameters"]}
    assert parameters["failed_login_attempts"] == "5" and instance.pending_parameters == {}
    policy = ask(site, instance, "get_backup_policy")["backup_policy"]
    assert (policy["keep_days"], policy["rate_limit"], policy["period"]) == (30, 10, "1,2,3,4,5,6,7")
    assert [b["name"] for b in ask(site, instance, "list_backups")["backups"]] == ["before-release"]
    body = {"db_name": "orders", "schema_name": "public", "table_name": "gone", "action": "back_drop"}
    ask(site, instance, "flashback_tables", body)


def test_dump_can_be_loaded_again():
    site, _unused = load(ESTATE)
    first = estate.dump(site, MODULES.modules)
    assert "Orders-pw-1" not in yaml.safe_dump(first)
    again = Site(clock=Clock(0))
    estate.load(again, first, MODULES.modules)
    assert estate.dump(again, MODULES.modules) == first


@pytest.mark.parametrize(
    "wrong",
    [
        "databases: [{name: a, owner: nobody}]",
        "databases: [postgres]",
        "databases: [{name: a, colour: red}]",
        "databases: [{name: a, tables: [{name: t, rows: 1}]}]",
        "databases: [{name: a, locks: [{lock: 1}]}]",
        "users: [{name: a, attributes: {fly: true}}]",
        "parameters: {failed_login_attempts: many}",
        "parameters: {no_such_parameter: 1}",
        "backup_policy: {days: 3}",
        "backup_config: {days: 3}",
        "backups: [{name: a, when: now}]",
    ],
)
def test_mistakes_are_named(wrong):
    with pytest.raises(estate.EstateError):
        load(f"instances:\n  - name: orders\n    {wrong}\n")
