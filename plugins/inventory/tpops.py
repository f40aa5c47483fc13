# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: tpops
short_description: Inventory of platforms, instances and nodes
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Reads one or many platforms. Each platform becomes a host of the group C(tpops), and each of its instances the host
    C(NAME@SITE) of the group C(gaussdb_instances), as the playbooks of this collection name them.
  - Needs a configuration file whose name ends with C(tpops.yml) or C(tpops.yaml). The platforms are read by the
    controller, also those that playbooks reach through a bastion host.
  - A platform is read with a few lists. Only V(topology) of O(gather) needs a request for each instance.
  - If a platform cannot be read, its host stays, with a warning. Its instances are those of the cache, whatever its
    age, and all of them are in the group C(gaussdb_stale).
  - The expressions of O(filters), O(hostnames), O(compose), O(groups) and O(keyed_groups) are about instances and
    nodes. For a node, they also see the variables of its instance that it does not have itself.
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
  - gaussdb.tpops.platforms
options:
  plugin:
    description: Marks a file as a configuration of this plugin.
    type: str
    required: true
    choices: [gaussdb.tpops.tpops]
  gather:
    description:
      - What to add to the inventory.
      - V(details) adds more variables, with the names in the result of M(gaussdb.tpops.gaussdb_instance_info), such as
        the addresses of instances and nodes.
      - V(nodes) adds each node of an instance as the host C(NODE@NAME@SITE) of the group C(gaussdb_nodes).
      - V(relations) adds the disaster recovery relation of each instance, with one more list for each platform.
      - V(topology) adds the solution of each instance, with one more request for each.
    type: list
    elements: str
    choices: [details, nodes, relations, topology]
    default: []
  filters:
    description:
      - Conditions that decide which instances and nodes are hosts, each a dictionary with the key C(include) or
        C(exclude). The first condition that holds decides. If none holds, the host is included.
      - A condition is a boolean, or an expression over the variables of the host and C(inventory_hostname).
      - A node is only a host if its instance is one.
      - A condition that cannot be evaluated is an error, whatever O(strict) is.
    type: list
    elements: dict
    default: []
  hostnames:
    description:
      - Templates of the names of instances and nodes, in order of precedence. A value without C({{) is an expression,
        as in O(compose).
      - A template that gives an empty text, null or a boolean, or that refers to a variable that the host does not
        have, is passed over. If all are, the name is C(NAME@SITE), or C(NODE@NAME@SITE) for a node.
      - Characters other than letters, digits, C(_), C(-), C(.) and C(@) are replaced, as by
        P(gaussdb.tpops.host_name#filter).
      - Two hosts with the same name are an error.
      - The playbooks of this collection find an instance by its variables. Those that add hosts themselves, such as
        C(gaussdb.tpops.site), add them as C(NAME@SITE).
    type: list
    elements: str
    default: []
  vars_prefix:
    description:
      - Prefix of the variables. C(gaussdb_site), C(gaussdb_instance_name), C(gaussdb_node_name) and
        C(gaussdb_connection), which playbooks need, always have these names.
    type: str
    default: gaussdb_
  group_by:
    description:
      - Groups of instances to make, such as C(gaussdb_status_ACTIVE). Those of V(dr_role) need V(relations) in
        O(gather), and those of V(solution) need V(topology).
    type: list
    elements: str
    choices: [data_center, dr_role, site, solution, status, version]
    default: [data_center, dr_role, site, solution, status, version]
  group_prefix:
    description:
      - Prefix of the groups of O(group_by), and of the group of stale hosts. Playbooks need the groups C(tpops),
        C(gaussdb_instances) and C(gaussdb_nodes), which always have these names.
    type: str
    default: gaussdb_
  connect_with:
    description: The address of a node that becomes its C(ansible_host).
    type: str
    choices: [management_ip, data_ip, private_ip, hostname]
    default: management_ip
  connections:
    description: Number of requests that each platform gets at a time, from 1 to 100.
    type: int
    default: 10
  strict_platforms:
    description:
      - Whether it is an error that a platform cannot be read. Otherwise it is a warning.
      - Turn it on where an inventory is imported and hosts that are missing are removed, as in AWX.
    type: bool
    default: false
requirements:
  - requests
notes:
  - An inventory is read at the start of every run. So O(timeout) is V(10) and O(retries) is V(1) here by default, less
    than in modules.
  - Passwords and tokens are used to read the platforms, and never become variables. The playbooks get them from the
    environment, or from variables such as C(tpops_password) in C(group_vars/tpops.yml) next to the configuration file.
  - A connection option that is given in the file becomes a variable of the platform's host. One from the environment
    does not, except for the address, because each run has its own environment.
"""

EXAMPLES = r"""
# prod.tpops.yml: two platforms with their disaster recovery relations, and a cache.
plugin: gaussdb.tpops.tpops
username: automation
ca_path: /etc/pki/tpops.pem
platforms:
  - name: east
    endpoint: tpops-east.example.com
    password: "{{ lookup('ansible.builtin.env', 'TPOPS_EAST_PASSWORD') }}"
  - name: west
    endpoint: tpops-west.example.com
    password: "{{ lookup('ansible.builtin.env', 'TPOPS_WEST_PASSWORD') }}"
gather: [relations]
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: /var/cache/ansible/tpops

# One platform, with its connection in the environment:
#
# plugin: gaussdb.tpops.tpops
#
# The nodes of the production instances, grouped by instance and by role:
#
# plugin: gaussdb.tpops.tpops
# gather: [nodes]
# filters:
#   - exclude: not gaussdb_instance_name.endswith('-prod')
# keyed_groups:
#   - key: gaussdb_instance_name
#     prefix: instance
#   - key: gaussdb_role | default('')
#     prefix: node
# compose:
#   ansible_user: "'dba'"
"""

import gc
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, cast

from ansible.errors import AnsibleError, AnsibleParserError, AnsibleUndefinedVariable
from ansible.inventory.data import InventoryData
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable, get_cache_plugin

from ansible_collections.gaussdb.tpops.plugins.filter.host_name import host_name
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.arguments import drop_unset, prepare_arguments
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.checks import between
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import CONNECTION, Field, build_argument_spec
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import HAS_REQUESTS
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.connection import Connection, parse_endpoint
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reads import open_reads
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.inventory import hosts
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.inventory.reading import VERSION, read_instances
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.inventory.trust import as_data, trust

SUFFIXES = ("tpops.yml", "tpops.yaml")
# The platforms that are read at the same time.
MOST_PLATFORMS = 10

# An inventory is read at the start of every run, also of the one that has to replace a platform that is silent.
_DEFAULTS = {"timeout": 10, "retries": 1}
_CONNECTION = tuple(replace(each, default=_DEFAULTS.get(each.name, each.default)) for each in CONNECTION)
_PLATFORM = (Field("name", required=True), *_CONNECTION)
_FILTERS = ("include", "exclude")


@dataclass(frozen=True)
class Platform:
    """A platform of the configuration."""

    name: str
    # Its connection options, validated.
    connection: dict[str, Any]
    # Those of them that its host shows.
    shown: dict[str, Any]


@dataclass
class Read:
    """What is known of a platform: its instances, and whether that is older than the cache may be. ``warnings`` are
    those of the reads."""

    instances: list[dict[str, Any]]
    stale: bool
    warnings: list[str]


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Reads platforms, and adds what it finds to the inventory."""

    NAME = "gaussdb.tpops.tpops"

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith(SUFFIXES)

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        if not HAS_REQUESTS:
            raise AnsibleParserError("The Python library requests is required but not installed")
        self._groups: dict[str, str] = {}
        # The templates of options see the variables of -e.
        self.templar.available_variables = self._vars
        config = self._read_config_data(path)
        try:
            self._check(config)
            platforms = self._platforms(config)
            with _collector_paused():
                self._add(platforms, self._read_all(platforms, path, cache))
        except TpopsError as error:
            # Ansible shows causes too: with what they quote, the line of a secret in the file, and all of it twice.
            raise AnsibleParserError(str(error.as_result()["msg"])) from None

    # The configuration

    def _check(self, config: Mapping[str, Any]) -> None:
        """Check the options that Ansible does not check itself. Raises :class:`InputError`."""
        unknown = sorted(str(key) for key in config if key not in self._options)
        if unknown:
            raise InputError(unknown, "not an option of this plugin")
        problem = between(1, 100)(self.get_option("connections"))
        if problem:
            raise InputError("connections", problem)
        prefix = self.get_option("vars_prefix")
        if not f"{prefix}id".isidentifier():
            raise InputError("vars_prefix", "must begin with a letter or _, and consist of letters, digits and _")
        for number, entry in enumerate(self.get_option("filters")):
            if not (isinstance(entry, Mapping) and len(entry) == 1 and set(entry) <= set(_FILTERS)):
                raise InputError(f"filters[{number}]", "must be a dictionary with one key, include or exclude")

    def _platforms(self, config: Mapping[str, Any]) -> list[Platform]:
        """Return the platforms of the configuration. Raises :class:`InputError`."""
        common = {field.name: self.get_option(field.name) for field in _CONNECTION}
        if self.get_option("platforms") is None:
            return [self._platform({}, common, config, "")]
        found: dict[str, Platform] = {}
        for number, entry in enumerate(self.get_option("platforms")):
            if not isinstance(entry, Mapping):
                raise InputError(f"platforms[{number}]", "must be a dictionary with the name of a platform")
            platform = self._platform(entry, common, config, f"platforms[{number}].")
            if platform.name in found:
                raise InputError(f"platforms[{number}].name", f"{platform.name} is listed twice")
            found[platform.name] = platform
        if not found:
            raise InputError("platforms", "must not be an empty list")
        return list(found.values())

    def _platform(
        self, entry: Mapping[str, Any], common: Mapping[str, Any], config: Mapping[str, Any], path: str
    ) -> Platform:
        """Return one platform: its own options before those of the whole file, and these before the environment's."""
        problems: list[InputError] = []
        own = {str(key): self._evaluated(value, f"{path}{key}") for key, value in entry.items()}
        own = drop_unset(_PLATFORM, own, problems, path)
        rest = {name: self._evaluated(value, name) for name, value in common.items() if name not in own}
        rest = drop_unset(_CONNECTION, rest, problems)
        for problem in problems:
            raise problem
        given = {**rest, **own}
        name = self._name(given.pop("name", None), given, path)
        checked = ArgumentSpecValidator(build_argument_spec(_CONNECTION)).validate(given)
        if checked.error_messages:
            place = f" ({path.rstrip('.')})" if path else ""
            raise TpopsError(f"{'; '.join(checked.error_messages)}{place}")
        try:
            connection = prepare_arguments(_CONNECTION, checked.validated_parameters)
            Connection(**connection)
        except InputError as error:
            raise InputError(f"{path}{error.option}", error.problem, hint=error.hint) from error
        in_file = {*own, *config, "endpoint"}
        shown = {
            field.name: connection[field.name]
            for field in _CONNECTION
            if not field.no_log and field.name in given and field.name in in_file
        }
        return Platform(name, connection, shown)

    def _name(self, name: str | None, given: Mapping[str, Any], path: str) -> str:
        if name is None and path:
            raise InputError(f"{path}name", "required")
        if name is None:
            name = host_name(parse_endpoint(str(given.get("endpoint") or "")).rpartition(":")[0].strip("[]"))
        if host_name(name) != name:
            raise InputError(f"{path}name", "must consist of letters, digits, _, - and .")
        if name in hosts.GIVEN_GROUPS:
            raise InputError(f"{path or 'platforms[0].'}name", f"{name} is a group; give the platform another name")
        return name

    def _evaluated(self, value: Any, path: str) -> Any:
        """Return the value of a connection option, which may be a template."""
        try:
            return self.templar.template(value)
        except AnsibleUndefinedVariable as error:
            raise InputError(path, "refers to a variable that is not defined") from error
        except AnsibleError as error:
            # What Ansible says about it may quote the template, and so a secret.
            problem = "cannot be evaluated: its template is wrong, a lookup failed, or the key of its vault is missing"
            raise InputError(path, problem) from error

    # Reading

    def _read_all(self, platforms: Sequence[Platform], path: str, cache: bool) -> list[Read]:
        """Return what is known of each platform: what the cache has, or what it shows now, or at least what the cache
        had."""
        keys = [self._key(platform, path) for platform in platforms]
        found = [self._cached(key) if cache else None for key in keys]
        left = [number for number, entry in enumerate(found) if entry is None]
        with ThreadPoolExecutor(MOST_PLATFORMS) as pool:
            results = pool.map(lambda number: self._read_live(platforms[number]), left)
            for number, result in zip(left, results):
                found[number] = self._settled(platforms[number], keys[number], result)
        known = cast(list[Read], found)
        for entry in known:
            for text in entry.warnings:
                self.display.warning(text)
        return known

    def _read_live(self, platform: Platform) -> Read | TpopsError:
        """Read a platform; return why it cannot be read if it cannot. A wrong option is raised."""
        reads = open_reads(platform.connection, self.get_option("connections"))
        warnings: list[str] = []
        try:
            instances = read_instances(
                reads, self.get_option("gather"), self.get_option("connections"), warnings.append
            )
        except InputError as error:
            raise InputError(
                error.options, error.problem, about=f"platform {platform.name}", hint=error.hint
            ) from error
        except TpopsError as error:
            return error
        finally:
            reads.close()
        texts = [f"Platform {platform.name}: {text}" for text in [*reads.warnings, *warnings]]
        return Read(instances, False, texts)

    def _settled(self, platform: Platform, key: str, result: Read | TpopsError) -> Read:
        """Return what was read, which the cache keeps, or what the cache had."""
        if isinstance(result, Read):
            if self.get_option("cache"):
                view = self._view()
                view[key] = result.instances
                view.update_cache_if_changed()
            return result
        message = f"Platform {platform.name} cannot be read: {result.as_result()['msg']}"
        if self.get_option("strict_platforms"):
            raise TpopsError(message, hint="strict_platforms: false makes this a warning.")
        kept = self._cached(key, any_age=True)
        what = (
            "it is in the inventory without its instances" if kept is None else "its cached hosts are marked as stale"
        )
        return Read(kept.instances if kept else [], True, [f"{message.rstrip('.')}; {what}"])

    def _key(self, platform: Platform, path: str) -> str:
        """Return the key of a platform in the cache: what was read otherwise has another one."""
        what = [VERSION, platform.name, platform.connection["endpoint"], sorted(self.get_option("gather"))]
        # The key of ansible-core alone has so few digits that it could be that of another platform.
        return f"{self.get_cache_key(path)}_{hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]}"

    def _cached(self, key: str, any_age: bool = False) -> Read | None:
        if not self.get_option("cache"):
            return None
        instances = self._view(any_age).get(key)
        return None if instances is None else Read(instances, False, [])

    def _view(self, any_age: bool = False) -> Any:
        """Return a view of the cache. Each platform has its own, because a view writes all that it holds, and so would
        prolong what it only read."""
        names = {"_uri": "cache_connection", "_timeout": "cache_timeout", "_prefix": "cache_prefix"}
        options = {key: self.get_option(name) for key, name in names.items()}
        # A timeout of 0 is none.
        options |= {"_timeout": 0} if any_age else {}
        given = {key: value for key, value in options.items() if value is not None}
        return get_cache_plugin(self.get_option("cache_plugin"), **given)

    # The inventory

    def _add(self, platforms: Sequence[Platform], known: Sequence[Read]) -> None:
        naming = hosts.Naming(
            *(self.get_option(name) for name in ("vars_prefix", "group_prefix", "group_by", "connect_with"))
        )
        found: dict[str, hosts.Host] = {}
        for platform, read in zip(platforms, known):
            of_platform = hosts.PlatformHosts(
                platform.name, platform.shown, self.get_option("gather"), read.stale, naming
            )
            top = of_platform.platform()
            _put(found, top.name, top)
            for each in chain.from_iterable(map(self._selected, map(of_platform.instance, read.instances))):
                _put(found, self._host_name(each), each)
        # What is wrong so far leaves no half of an inventory.
        for group in (hosts.PLATFORMS_GROUP, hosts.INSTANCES_GROUP):
            self.inventory.add_group(group)
            # Group variables, so that those of a file can replace them, for example for a bastion host.
            self.inventory.set_variable(group, "ansible_connection", trust("local"))
            self.inventory.set_variable(group, "ansible_python_interpreter", trust("{{ ansible_playbook_python }}"))
        for name, host in found.items():
            self._add_host(name, host)
            if hosts.PLATFORMS_GROUP not in host.groups:
                self._construct(name, host)

    def _add_host(self, name: str, host: hosts.Host) -> None:
        self.inventory.add_host(name)
        for group in host.groups:
            self.inventory.add_child(self._group(group), name)
        # At once: the inventory would look for templates in each of a hundred thousand values once more.
        self.inventory.get_host(name).vars.update(as_data(host.variables))

    def _group(self, name: str) -> str:
        """Return the name under which a group is in the inventory."""
        if name not in self._groups:
            self._groups[name] = self.inventory.add_group(self._sanitize_group_name(name))
        return self._groups[name]

    def _construct(self, name: str, host: hosts.Host) -> None:
        """Add the variables and groups that the configuration constructs."""
        compose, groups, keyed_groups = map(self.get_option, ("compose", "groups", "keyed_groups"))
        if not (compose or groups or keyed_groups):
            return
        variables, strict = {"inventory_hostname": name, **as_data(host.seen)}, self.get_option("strict")
        self._set_composite_vars(compose, variables, name, strict=strict)
        # These also see the composed variables.
        self._add_host_to_composed_groups(groups, variables, name, strict=strict)
        self._add_host_to_keyed_groups(keyed_groups, variables, name, strict=strict)

    def _selected(self, host: hosts.Host) -> Iterator[hosts.Host]:
        """Yield an instance and its nodes, as far as the filters include them."""
        if self._is_included(host):
            yield host
            yield from filter(self._is_included, host.inside)

    def _is_included(self, host: hosts.Host) -> bool:
        filters = self.get_option("filters")
        if not filters:
            return True
        variables = {"inventory_hostname": host.name, **as_data(host.seen)}
        for number, entry in enumerate(filters):
            ((what, condition),) = entry.items()
            try:
                holds = condition if isinstance(condition, bool) else boolean(self._compose(condition, variables))
            except (AnsibleError, TypeError) as error:
                raise InputError(
                    f"filters[{number}].{what}", f"cannot be evaluated for {host.what}: {error}"
                ) from error
            if holds:
                return bool(what == "include")
        return True

    def _host_name(self, host: hosts.Host) -> str:
        templates = self.get_option("hostnames")
        variables = as_data(host.seen) if templates else {}
        for number, template in enumerate(templates):
            try:
                text = self._rendered(template, variables)
            except AnsibleError as error:
                if self.get_option("strict"):
                    raise InputError(f"hostnames[{number}]", f"gives no name for {host.what}: {error}") from error
                continue
            if text not in (None, "") and not isinstance(text, bool):
                return "@".join(map(host_name, str(text).split("@")))
        return host.name

    def _rendered(self, template: str, variables: Mapping[str, Any]) -> Any:
        if "{{" not in template:
            return self._compose(template, variables)
        self.templar.available_variables = variables
        return self.templar.template(template)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Spare the collector of garbage a look at each of many new objects, now and later: all of them stay, until the
    inventory is read again."""
    enabled = gc.isenabled()
    gc.unfreeze()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


def _put(found: dict[str, hosts.Host], name: str, host: hosts.Host) -> None:
    if name in found:
        raise TpopsError(
            f"{name} would be the host of {found[name].what} and of {host.what}",
            hint="Give them unique names with hostnames, or leave one out with filters.",
        )
    found[name] = host
