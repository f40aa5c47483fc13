# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The proof of a backup: which instance it is restored to, on which hosts, from which moment, how far an interrupted
proof is, what the restored instance must have, and whose turn it is.

A proof instance is known by its name alone: ``orders-prod-proof-20261126080000``, the begin of the first attempt.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.gates import FREE, TRAITS
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.topology import PORTS, RESERVED_PORTS, TOPOLOGIES
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.times import (
    MOMENT_WORDS,
    epoch_ms,
    stamp_ms,
    utc,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import as_int

from .verification import MADE, own_names

Data = Mapping[str, Any]

NEWEST, NOW = "newest_backup", "now"
# The note that says what a proof restores. It is written before the restore.
BEGUN = "proof_begun"
# A record of a run that has not ended is taken up for a day: what it left behind is its work, not a later proof.
TAKEN_UP_SECONDS = 86_400
# An instance has at most 64 characters in its name, the moment 14 digits.
_LONGEST, _MIDDLE = 64, "-proof-"
_STEM = _LONGEST - len(_MIDDLE) - 14
# How the options of an instance spell what a host shows.
_SPELLED = {
    "os_type": ("Kylin", "UnionTech"),
    "cpu_spec": ("Intel", "Kunpeng", "Hygon"),
    "arch": ("X86", "ARM"),
    "host_type": ("BMS",),
}
_OF_HOST = {"os_type": "os_type", "cpu_spec": "cpu_spec", "arch": "os_arch", "host_type": "type"}


def proof_state(
    seen: Data,
    instances: Sequence[Data],
    hosts: Sequence[Data],
    records: Sequence[Data],
    options: Data,
    now: datetime,
) -> dict[str, Any]:
    """Return how far the proof of an instance is, and what it restores where.

    ``seen`` is the instance as a procedure has seen it, with ``nodes`` and ``newest_backup``; ``instances`` and
    ``hosts`` are those of its platform, ``records`` the earlier ones of its proofs, the newest first. ``options`` are
    ``hosts``, ``data_center``, ``solution``, ``point`` and ``port`` as the user has given them, ``port_of_source``,
    ``solution_of_source``, ``restore_times``, and ``now_ms``, which is the platform's time. ``now`` is that of this
    machine, as the times in records.
    """
    source = str(seen["instance"])
    found = [each for each in instances if is_proof_of(str(each["name"]), source)]
    attempt = _attempt(records, now)
    current: Data = found[0] if len(found) == 1 else {}
    verified = attempt["verification"] if attempt and (not current or _named(attempt) == current["name"]) else []
    solution = str(options.get("solution") or options.get("solution_of_source") or "")
    topology = TOPOLOGIES.get(solution)
    needed = topology.hosts if topology else 0
    chosen = choose_hosts(hosts, seen["nodes"] or (), options, needed)
    point = point_of(options, seen["newest_backup"], source)
    if not current and not verified:
        check_point(options)
    name = str(current.get("name") or (_named(attempt) if not verified else "") or proof_name(source, now))
    return {
        "name": name,
        "found": [str(each["name"]) for each in found],
        "instance": dict(current),
        # What an earlier run of the same proof has restored and found.
        "begun": {**attempt["begun"]} if attempt and _named(attempt) in (name, "") else {},
        "verification": list(verified),
        # All of it is done but for the removal, and maybe that too.
        "verified": bool(verified),
        "exists": bool(current),
        "failed": current.get("status") == "BUILD_FAILED",
        "hosts": chosen,
        "needed": needed,
        "point": point,
        "arguments": _arguments(solution, chosen, hosts, options),
    }


def proof_name(source: str, now: datetime) -> str:
    """Return the name of a new proof instance. A long name of the source is shortened, with a digest in place of the
    rest."""
    return f"{_stem(source)}{_MIDDLE}{now:%Y%m%d%H%M%S}"


def is_proof_of(name: str, source: str) -> bool:
    return bool(re.fullmatch(rf"{re.escape(_stem(source))}{_MIDDLE}\d{{14}}", name))


def _stem(source: str) -> str:
    if len(source) <= _STEM:
        return source
    return f"{source[: _STEM - 7]}-{hashlib.sha256(source.encode()).hexdigest()[:6]}"


def _attempt(records: Sequence[Data], now: datetime) -> dict[str, Any] | None:
    """Return what the runs that were interrupted have left, the newest first, until one that has ended."""
    found: dict[str, Any] = {"begun": {}, "verification": []}
    for record in records:
        if record.get("ended") or _age(record, now) > TAKEN_UP_SECONDS:
            break
        notes = [note for note in record.get("notes") or () if note.get("code") == BEGUN]
        found["begun"] = found["begun"] or (dict(notes[-1]) if notes else {})
        found["verification"] = found["verification"] or list(record.get("verification") or ())
        if found["begun"]:
            return found
    return None


def _age(record: Data, now: datetime) -> float:
    began = epoch_ms(record.get("began"))
    return now.timestamp() - began / 1000 if began is not None else TAKEN_UP_SECONDS + 1


def _named(attempt: Data | None) -> str:
    return str(attempt["begun"].get("proof") or "") if attempt else ""


def choose_hosts(hosts: Sequence[Data], nodes: Sequence[Data], options: Data, needed: int) -> list[str]:
    """Return the management addresses of the hosts to restore to: those that are given by name or address, otherwise
    as many free ones of the data center, ordered by name, as are like the hosts of the instance."""
    given = [str(each) for each in options.get("hosts") or ()]
    if given:
        addresses = {str(host["name"]): str(host["manage_ip"]) for host in hosts}
        return [addresses.get(each, each) for each in given]
    own = {node["management_ip"] for node in nodes}
    like = next((host for host in hosts if host["manage_ip"] in own), None)
    free = [
        host
        for host in hosts
        if host["data_center"] == options.get("data_center")
        and host["status"] in FREE
        and all(like is None or host[trait] == like[trait] for trait in TRAITS)
    ]
    return [str(host["manage_ip"]) for host in sorted(free, key=lambda host: str(host["name"]))][:needed]


def _arguments(solution: str, chosen: Sequence[str], hosts: Sequence[Data], options: Data) -> dict[str, Any]:
    """Return the options of the new instance. The last host is that of the arbiter, where there is one."""
    topology = TOPOLOGIES.get(solution)
    arbiters = list(chosen[-topology.arbiters :]) if topology and topology.arbiters else []
    shown: Data = next((host for host in hosts if host["manage_ip"] in chosen[:1]), {})
    found: dict[str, Any] = {
        option: next((word for word in words if word.casefold() == str(shown.get(_OF_HOST[option])).casefold()), None)
        for option, words in _SPELLED.items()
    }
    return {
        **{option: word for option, word in found.items() if word},
        **({"solution": solution} if solution else {}),
        "manage_ips": [address for address in chosen if address not in arbiters],
        **({"arbiter_az_ips": arbiters} if arbiters else {}),
        "port": int(options.get("port") or 0) or other_port(options.get("port_of_source")),
    }


def other_port(port: Any) -> int:
    """Return a port that is not the one of the source, so that no client takes the one instance for the other."""
    first, last = PORTS
    known = as_int(port)
    after = first if known is None else known + 1
    ports = (*range(after, last + 1), *range(first, after))
    found: int = next(each for each in ports if each not in RESERVED_PORTS)
    return found


def point_of(options: Data, newest_backup: Data | None, source: str) -> dict[str, Any]:
    """Return what to restore: ``restore`` as an option of ``gaussdb_instance``, ``backup`` or ``time`` in words, and
    ``rpo_seconds``, how much is lost if the source was lost now. Empty if there is nothing to restore.

    Raises :class:`InputError` for a point that is none.
    """
    # A template is text before ansible-core 2.19.
    given, now_ms = str(options.get("point") or NEWEST), as_int(options.get("now_ms"))
    spans = options.get("restore_times") or ()
    newest = max(spans, key=lambda span: span["end_ms"], default=None)
    backup: Any = None
    if given == NEWEST:
        if not newest_backup:
            return {}
        reached = epoch_ms(newest_backup["end_time"] or newest_backup["begin_time"])
        backup, restore = newest_backup["name"], {"backup_id": newest_backup["id"]}
    else:
        moment = (newest["end_ms"] if newest else None) if given == NOW else epoch_ms(given)
        if given != NOW and moment is None:
            raise InputError("proof_point", f"{given} is neither {NEWEST}, nor {NOW}, nor a moment")
        if moment is None:
            return {}
        # A moment that is asked for is reached, or cannot be restored.
        reached, restore = (moment if given == NOW else now_ms), {"restore_time": str(moment)}
    time = reached if given in (NEWEST, NOW) else epoch_ms(given)
    known = now_ms is not None and reached is not None
    lost = round(max((now_ms or 0) - int(reached or 0), 0) / 1000, 1) if known else None
    return {
        "restore": {"instance": source, **restore},
        "backup": backup,
        "time": utc(time) if time is not None else "",
        "rpo_seconds": lost,
    }


def check_point(options: Data) -> None:
    """Raise :class:`InputError` for a moment that the platform cannot restore, where it shows which ones it can."""
    given, spans = str(options.get("point") or NEWEST), options.get("restore_times")
    moment = None if given in (NEWEST, NOW) else epoch_ms(given)
    if moment is None or spans is None:
        return
    if not any(span["start_ms"] <= moment <= span["end_ms"] for span in spans):
        shown = ", ".join(f"{span['start']} - {span['end']}" for span in spans) or "nothing since then"
        raise InputError("proof_point", f"{given} cannot be restored. Can be restored: {shown}")


def compare_restored(results: Mapping[str, Data], baseline: Data, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return a check of own databases and one of own users, none of which may be missing, and one for each of the
    parameters in ``names``. What cannot be read is another check of the verification."""
    checks: list[dict[str, Any]] = []
    for look in MADE:
        if look in results.get(look, {}):
            before, now = baseline[look], own_names(look, results)
            value = {
                "missing": [each for each in before if each not in now],
                "more": [each for each in now if each not in before],
            }
            checks.append({"name": f"{look}_restored", "value": value, "passed": before == now})
    listed = results.get("parameters", {}).get("parameters") or ()
    values = {str(each["name"]): each.get("value") for each in listed}
    for name in names:
        checks.append(
            {
                "name": "parameter",
                "parameter": name,
                "value": values.get(name),
                "expected": baseline["parameters"].get(name),
                "passed": values.get(name) == baseline["parameters"].get(name),
            }
        )
    return checks


def checks_of_times(
    begun: Data, job: Data, verify_seconds: float, limits: Data, newest_transaction: Any = ""
) -> list[dict[str, Any]]:
    """Return the checks of the time until the data could be used again (RTO), and of the time whose data is lost (RPO).

    ``job`` is that of the restore, which lasts from ``created`` to ``ended``, as the platform writes them. Data is lost
    since the moment that was restored, or since the newest transaction in it where that is known. What is not known
    passes if there is no limit. Raises :class:`InputError` for a transaction without a moment.
    """
    created, ended = (stamp_ms(job.get(name)) for name in ("created", "ended"))
    restored = None if created is None or ended is None else max(ended - created, 0) / 1000
    rto = None if restored is None else round(restored + verify_seconds, 1)
    lost = _lost_since(newest_transaction, begun) if newest_transaction else begun.get("rpo_seconds")
    measured = (
        ("proof_rto", rto, limits.get("rto")),
        ("proof_rpo_data" if newest_transaction else "proof_rpo", lost, limits.get("rpo")),
    )
    return [
        {
            "name": name,
            "value": value,
            "expected": limit or None,
            "passed": not limit or (value is not None and value <= float(limit)),
        }
        for name, value, limit in measured
    ]


def _lost_since(transaction: Any, begun: Data) -> float | None:
    """Return the seconds from a transaction to the moment of which the data was asked for."""
    moment, reached, lost = epoch_ms(transaction), epoch_ms(begun.get("time")), begun.get("rpo_seconds")
    if moment is None:
        raise InputError("proof_newest_transaction", f"{transaction!r} is not allowed; use {MOMENT_WORDS}")
    return None if reached is None or lost is None else round(max(reached - moment, 0) / 1000 + lost, 1)


def rotation(subjects: Mapping[str, str], proven: Mapping[str, str], limit: int, today: date) -> list[str]:
    """Return the hosts of the ``limit`` subjects whose turn it is, in their order; all of them without a limit.

    ``subjects`` are their names by host, and ``proven`` is when those that have been were proven last. Those that never
    were come first, then the longest ago. Without any record it goes by the calendar: each ISO week has the next ones,
    in the order of their names.
    """
    hosts = sorted(subjects, key=lambda host: (subjects[host], host))
    if not limit or limit >= len(hosts):
        return list(subjects)
    if any(host in proven for host in hosts):
        chosen = sorted(hosts, key=lambda host: proven.get(host, ""))[:limit]
    else:
        # Day 1 was a Monday.
        first = (today.toordinal() - 1) // 7 * limit
        chosen = [hosts[(first + number) % len(hosts)] for number in range(limit)]
    return [host for host in subjects if host in chosen]


def proven_at(records: Sequence[Data]) -> str:
    """Return when the newest of these proofs that ended well began, ``""`` if none did."""
    good = [str(record["began"]) for record in records if record.get("outcome") == "done" and record.get("began")]
    return max(good, default="")
