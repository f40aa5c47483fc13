# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module keeps out of its results the contract marks as secret, so that the simulator keeps it out of its
request log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import pytest
import yaml
from catalogue import CONTRACT, MODULES, ROOT, resolve

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import CONNECTION, build_argument_spec
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import build_interface

# Where each secret option goes: `operation_id: field` of the contract.
SENT_AS = {
    "gaussdb_backup_certificate.client_key": ["install_backup_certificates: client_key"],
    "gaussdb_backup_certificate.key_password": ["install_backup_certificates: rand_pass"],
    "gaussdb_builtin_password.backup_password": ["init_builtin_passwords: backup_password"],
    "gaussdb_builtin_password.metric_password": ["init_builtin_passwords: metric_password"],
    "gaussdb_builtin_password.admin_password": ["init_builtin_passwords: admin_password"],
    "gaussdb_builtin_password.repl_password": ["init_builtin_passwords: repl_password"],
    "gaussdb_builtin_password.root_password": ["init_builtin_passwords: root_password"],
    "gaussdb_dr_relation.dr_password": ["construct_dr: dr_user_password"],
    "gaussdb_host.hosts.os_root_password": ["add_hosts: hosts[].os_root_pwd", "delete_hosts: hosts[].os_root_pwd"],
    "gaussdb_instance.restore.xbsa.client_key": ["create_instance: xbsa_ssl_certs.client_key"],
    "gaussdb_instance.restore.xbsa.extensions": ["create_instance: xbsa_extension_infos[].value"],
    "gaussdb_instance.restore.xbsa.key_password": ["create_instance: xbsa_ssl_certs.rand_pass"],
    "gaussdb_instance.root_password": ["create_instance: password"],
    "gaussdb_instance_adoption.admin_password": ["manage_instance: manage_userpass"],
    "gaussdb_instance_adoption.new_admin_password": ["delete_instance: rds_admin_password"],
    "gaussdb_role.roles.password": ["create_role: password"],
    "gaussdb_user.users.password": ["create_user: password", "reset_user_password: password"],
}
# Secrets of the contract that are not an option of a module.
OTHERWISE = {
    "create_token: password": "an option of the connection",
    "set_instance_extension: value": "any value that a medium needs, which the platform shows to everybody who asks",
    "verify_host_file: file": "the bytes of a file whose path is an option",
}
# The body of gaussdb_api is written by its user.
FREE = {"gaussdb_api.secret_body"}


def secret_options(spec: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, entry in spec.items():
        if entry.get("no_log"):
            yield f"{path}.{name}"
        yield from secret_options(entry.get("options", {}), f"{path}.{name}")


def options_of(module: str) -> dict[str, Any]:
    spec = import_module(f"ansible_collections.gaussdb.tpops.plugins.modules.{module}").SPEC
    return {
        name: entry
        for name, entry in build_interface(spec).argument_spec.items()
        if name not in build_argument_spec(CONNECTION)
    }


def fields_of(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    schema = resolve(schema)
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, ()):
            yield from fields_of(part, path)
    for name, inner in schema.get("properties", {}).items():
        yield f"{path}{name}", resolve(inner)
        yield from fields_of(inner, f"{path}{name}.")
    if "items" in schema:
        yield from fields_of(schema["items"], f"{path.removesuffix('.')}[].")


def marked_fields() -> set[str]:
    found = set()
    for operation in CONTRACT.operations.values():
        body = resolve(CONTRACT.document["paths"][operation.path][operation.method.lower()].get("requestBody", {}))
        for media in body.get("content", {}).values():
            for path, schema in fields_of(media["schema"]):
                if schema.get("format") == "password":
                    found.add(f"{operation.operation_id}: {path}")
    return found


OPTIONS = [option for module in MODULES for option in secret_options(options_of(module), module)]


def test_it_is_known_where_every_secret_option_goes() -> None:
    assert sorted(set(OPTIONS) - FREE) == sorted(SENT_AS)


@pytest.mark.parametrize("option", sorted(SENT_AS))
def test_the_contract_marks_what_a_module_hides(option: str) -> None:
    assert set(SENT_AS[option]) <= marked_fields()


def test_a_module_hides_what_the_contract_marks() -> None:
    assert sorted(marked_fields()) == sorted(
        {field for fields in SENT_AS.values() for field in fields} | set(OTHERWISE)
    )


def test_a_platform_of_another_slice_gets_each_option_of_the_connection_that_is_no_secret() -> None:
    plays = yaml.safe_load((ROOT / "playbooks" / "includes" / "instances.yml").read_text(encoding="utf-8"))
    (task,) = plays[0]["tasks"]
    given = {name: text for name, text in task["ansible.builtin.add_host"].items() if name.startswith("tpops_")}
    assert given == {
        f"tpops_{each.name}": f"{{{{ item.value.{each.name} | default(omit) }}}}"
        for each in CONNECTION
        if not each.no_log
    }
