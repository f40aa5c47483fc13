# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: dr_state
short_description: Derive the state of a disaster recovery relation from the data of its sites
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns which instance acts as the primary, whether the relation is protected, how far the DR instance is behind,
    and the deviations from the description of the relation.
  - The result contains codes and values. The filter P(gaussdb.tpops.words#filter) turns them into text.
  - An unknown figure, status or site is null or missing, never a guess.
positional: _input, relation, primary_site
options:
  _input:
    description:
      - The data of each site, by its name, as M(gaussdb.tpops.gaussdb_procedure) returns it in C(sites).
    type: dict
    required: true
  relation:
    description: The description of the relation, an entry of C(dr_relations).
    type: dict
    required: true
  primary_site:
    description: The site that should be the primary, instead of C(primary_site) in the description.
    type: str
    default: ""
seealso:
  - plugin: gaussdb.tpops.words
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the primary site and the deviations
  ansible.builtin.debug:
    msg: "{{ state.primaries }}: {{ state.deviations | gaussdb.tpops.words('deviations') | join('; ') }}"
  vars:
    state: "{{ observed.sites | gaussdb.tpops.dr_state(dr_relations[0]) }}"
"""

RETURN = r"""
_value:
  description: The state of the relation.
  type: dict
  sample:
    primaries: [site-a]
    lost_primaries: []
    primary: site-a
    standby: site-b
    statuses: [normal, normal]
    status: normal
    protected: true
    promoted: false
    drill: false
    reachable: [site-a, site-b]
    unreachable: []
    silent: []
    pending: []
    busy: []
    rpo_seconds: 0
    rto_seconds: 1
    rpo_limit: 10
    rto_limit: 900
    rpo_within: true
    rto_within: true
    deviations: []
    summary: [{code: primary, members: [{code: member, site: site-a, instance: orders-prod}]}]
    samples: [{site: site-a, rpo_seconds: 0, rto_seconds: 1}]
    sites: [{code: in_relation, site: site-a, instance: orders-prod, status: ACTIVE, acts_as: primary}]
  contains:
    primaries:
      description: The sites whose instance acts as the primary.
      type: list
      elements: str
    lost_primaries:
      description: The site of the instance that the DR instance follows, if that site does not answer.
      type: list
      elements: str
    primary:
      description: The first of RV(_value.primaries), or the site that should be the primary if there is none.
      type: str
    standby:
      description: The other site.
      type: str
    statuses:
      description: The status of the relation at each site that shows one.
      type: list
      elements: str
    status:
      description:
        - The status that all sites report. V(differs) if they disagree, V(no_relation) if there is none,
          V(unreachable) or V(unknown) if no site could be read.
      type: str
    protected:
      description: Whether both sites report that the DR instance follows the primary.
      type: bool
    promoted:
      description: Whether a failover has happened.
      type: bool
    drill:
      description: Whether a drill is running.
      type: bool
    reachable:
      description: The sites that could be read.
      type: list
      elements: str
    unreachable:
      description: The sites that could not be read.
      type: list
      elements: str
    silent:
      description: Those of RV(_value.unreachable) that do not answer at all.
      type: list
      elements: str
    pending:
      description: The sites whose platform is working on the relation.
      type: list
      elements: str
    busy:
      description: The sites in C(pending), and those whose instance is being backed up, restarted or otherwise changed.
      type: list
      elements: str
    rpo_seconds:
      description: RPO as the platform of the DR instance reports it, null if unknown.
      type: float
    rto_seconds:
      description: RTO as the platform of the DR instance reports it, null if unknown.
      type: float
    rpo_limit:
      description: Maximum allowed RPO, from the description, otherwise from the platform, otherwise 10.
      type: float
    rto_limit:
      description: Maximum allowed RTO, from the description, otherwise from the platform, otherwise 900.
      type: float
    rpo_within:
      description: Whether RPO is known and within its limit.
      type: bool
    rto_within:
      description: Whether RTO is known and within its limit.
      type: bool
    deviations:
      description: Deviations from the description, each with C(code) and values.
      type: list
      elements: dict
    summary:
      description: Summary of the state, each part with C(code) and values.
      type: list
      elements: dict
    samples:
      description: RPO and RTO as each platform that has them reports them, each with C(site).
      type: list
      elements: dict
    sites:
      description: State of each site, each with C(code) and values.
      type: list
      elements: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import disaster_recovery as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.vocabulary import DR_STATUS
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import as_number

# Default limits if neither the description nor the platform has one.
RPO_LIMIT = 10.0
RTO_LIMIT = 900.0


def dr_state(seen: Mapping[str, Any], relation: Mapping[str, Any], primary_site: str | None = "") -> dict[str, Any]:
    """Return the state of a relation from the data of its sites. Raises ``AnsibleFilterError`` if the description does
    not have two members."""
    members = {str(member["site"]): str(member["instance"]) for member in relation.get("members") or ()}
    desired = str(primary_site or relation.get("primary_site") or "")
    if len(members) != 2 or desired not in members:
        raise AnsibleFilterError("a relation needs two members, one of them at the site that should be the primary")
    observed = {site: seen[site] for site in members if site in seen}
    records = {site: each["relation"] for site, each in observed.items() if each.get("relation")}
    statuses = {site: DR_STATUS.read(record.get("status")) for site, record in records.items()}
    pending = [site for site, status in statuses.items() if status in api.BUSY]
    working = [site for site, each in observed.items() if each.get("instance_busy")]

    def acting(role: str) -> list[str]:
        return [site for site, record in records.items() if record.get("acts_as") == role]

    primaries, standbys = acting("primary"), acting("standby")
    silent = [site for site, each in observed.items() if each.get("silent")]
    primary = primaries[0] if primaries else desired
    state: dict[str, Any] = {
        "primaries": primaries,
        "lost_primaries": [site for site in silent if standbys and not primaries and site not in standbys],
        "primary": primary,
        "standby": next(site for site in members if site != primary),
        "statuses": list(statuses.values()),
        "protected": len(records) == 2 and all(record.get("protected") for record in records.values()),
        "promoted": api.PROMOTED in statuses.values(),
        "drill": api.DRILL in statuses.values(),
        "reachable": [site for site, each in observed.items() if each.get("reachable")],
        "unreachable": [site for site, each in observed.items() if not each.get("reachable")],
        "silent": silent,
        "pending": pending,
        "busy": [*pending, *(site for site in working if site not in pending)],
    }
    state["status"] = _status(state)
    state |= _figures(records, (state["standby"], primary), relation.get("thresholds") or {})
    state["samples"] = [
        {"site": site, **{name: record["monitor"].get(name) for name in ("rpo_seconds", "rto_seconds")}}
        for site, record in records.items()
        if record.get("monitor")
    ]
    state["deviations"] = _deviations(state, observed, desired)
    state["summary"] = _summary(state, members)
    state["sites"] = [_site(site, members[site], observed[site], state) for site in observed]
    return state


def _status(state: Mapping[str, Any]) -> str:
    """Return the one status of the relation, or why there is none."""
    if not state["reachable"]:
        return "unreachable" if state["silent"] else "unknown"
    found = set(state["statuses"])
    return "differs" if len(found) > 1 else (found.pop() or "unknown") if found else "no_relation"


def _figures(records: Mapping[str, Any], sites: Sequence[str], limits: Mapping[str, Any]) -> dict[str, Any]:
    """Return RPO and RTO with their limits, as the first of ``sites`` that has figures shows them."""
    monitors = [records[site]["monitor"] for site in sites if records.get(site, {}).get("monitor")]
    monitor = monitors[0] if monitors else {}
    figures: dict[str, Any] = {}
    for name, otherwise in (("rpo", RPO_LIMIT), ("rto", RTO_LIMIT)):
        value, limit = as_number(monitor.get(f"{name}_seconds")), as_number(limits.get(f"{name}_seconds"))
        if not limit:
            limit = as_number(monitor.get(f"{name}_threshold_seconds")) or otherwise
        figures |= {f"{name}_seconds": value, f"{name}_limit": limit}
        figures[f"{name}_within"] = value is not None and value <= limit
    return figures


def _code(code: str, **values: Any) -> dict[str, Any]:
    return {"code": code, **values}


def _deviations(state: Mapping[str, Any], observed: Mapping[str, Any], desired: str) -> list[dict[str, Any]]:
    """Return the deviations from the description, the most severe first."""
    primaries, lost = state["primaries"], state["lost_primaries"]
    found = [_code("primary_lost", site=site) for site in lost]
    if not state["statuses"]:
        found.append(_code("no_relation"))
    elif not primaries and not lost:
        found.append(_code("no_primary"))
    if len(primaries) > 1:
        found.append(_code("two_primaries", sites=primaries))
    elif primaries and primaries[0] != desired:
        found.append(_code("other_primary", site=primaries[0], desired=desired))
    if state["promoted"]:
        found.append(_code("promoted"))
    if state["drill"]:
        found.append(_code("drill_running"))
    if state["pending"]:
        found.append(_code("pending", sites=state["pending"]))
    explained = state["promoted"] or state["drill"] or state["pending"] or state["unreachable"]
    if state["statuses"] and not state["protected"] and not explained:
        found.append(_code("not_protected"))
    if state["rpo_seconds"] is not None and not state["rpo_within"]:
        found.append(_code("rpo_above", seconds=state["rpo_seconds"], limit=state["rpo_limit"]))
    if state["rto_seconds"] is not None and not state["rto_within"]:
        found.append(_code("rto_above", seconds=state["rto_seconds"], limit=state["rto_limit"]))
    if state["protected"] and None in (state["rpo_seconds"], state["rto_seconds"]):
        found.append(_code("figures_unknown"))
    found += [_code("site_unreachable", site=site) for site in state["silent"]]
    refused = [site for site in state["unreachable"] if site not in state["silent"]]
    found += [_code("site_unreadable", site=site, error=_line(observed[site].get("error"))) for site in refused]
    return found


def _summary(state: Mapping[str, Any], members: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a summary: the primary, the status, the protection, the RPO, and the sites that do not answer."""

    def named(sites: Sequence[str]) -> list[dict[str, Any]]:
        return [_code("member", site=site, instance=members[site]) for site in sites]

    if state["lost_primaries"]:
        found = [_code("primary_lost", members=named(state["lost_primaries"]))]
    elif state["primaries"]:
        found = [_code("primary", members=named(state["primaries"]))]
    else:
        found = [_code("no_primary")]
    statuses = list(dict.fromkeys(state["statuses"]))
    found.append(_code("status", statuses=statuses) if statuses else _code("no_relation"))
    found.append(_code("protected" if state["protected"] else "not_protected"))
    found.append(_code("rpo", seconds=state["rpo_seconds"]))
    return found + ([_code("unreachable", sites=state["silent"])] if state["silent"] else [])


def _site(site: str, instance: str, seen: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of one site."""
    if not seen.get("reachable"):
        code = "unreachable" if seen.get("silent") else "unreadable"
        return _code(code, site=site, instance=instance, error=_line(seen.get("error")))
    values: dict[str, Any] = {"site": site, "instance": instance, "status": seen.get("instance_status")}
    alarms = [alarm.get("name") for alarm in seen.get("alarms") or ()]
    values["alarms"] = list(dict.fromkeys(alarms)) if seen.get("alarms_read") else None
    record = seen.get("relation")
    if not record:
        return _code("without_relation", **values)
    monitor = record.get("monitor") or {}
    return _code(
        "in_relation",
        **values,
        acts_as=record.get("acts_as"),
        relation=record.get("name"),
        relation_status=DR_STATUS.read(record.get("status")),
        log=_log(record),
        rpo_seconds=as_number(monitor.get("rpo_seconds")),
        rpo_limit=state["rpo_limit"],
        rto_seconds=as_number(monitor.get("rto_seconds")),
        rto_limit=state["rto_limit"],
    )


def _log(record: Mapping[str, Any]) -> str:
    """Return whether the primary keeps its log."""
    return "kept" if record.get("log_keep") else "kept_for_drill" if record.get("drill") else "not_kept"


def _line(text: Any) -> str:
    return " ".join(str(text or "").split())


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"dr_state": dr_state}
