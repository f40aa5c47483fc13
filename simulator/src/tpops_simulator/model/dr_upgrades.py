# SPDX-License-Identifier: GPL-3.0-or-later
"""What a relation demands of the upgrades of its two instances.

With streaming replication the primary is upgraded first and committed last: an older primary never sends to a newer DR
instance, and the way back stays open until the DR instance is committed. With storage replication (dorado) the DR
instance follows a primary that is committed.
"""

from __future__ import annotations

from . import dr
from .entities import Instance
from .site import Site
from .topology import GreyUpgrade, find_grey, zones

AT_ONCE = "upgradeAutoCommit"


def why_not(site: Site, instance: Instance, kind: str, action: str, target: str | None = None) -> str | None:
    """Why the relation of the instance does not allow the action now, or None. Hotfixes are nothing to it."""
    record = dr.get_records(site).live(instance.id)
    if record is None or record.status == dr.PRE_CHECKING or kind == "hotfix":
        return None
    if action == AT_ONCE:
        return "an instance in a relation is upgraded zone by zone, then committed"
    if record.status == dr.SIMULATION:
        return "a drill is running"
    instances = dr.pair(site, record)
    if instances is None:
        return dr.UNREACHABLE if action == "commit" or record.role == dr.DISASTER and action == "upgrade" else None
    primary, standby = instances
    if record.role == dr.DISASTER:
        grey = find_grey(standby)
        return _of_standby(primary, record.disaster_type, action, target or (grey.target if grey else None))
    return _of_primary(primary, standby, record.disaster_type, action)


def _of_primary(primary: Instance, standby: Instance, disaster_type: str, action: str) -> str | None:
    grey, other = find_grey(primary), find_grey(standby)
    if grey is None:
        return None
    committed = standby.version == grey.target
    if action == "commit" and disaster_type == "stream" and not committed:
        return "the DR instance is committed first"
    if action == "rollback" and (other or committed):
        return "the DR instance is committed" if committed else "the DR instance is rolled back first"
    return None


def _of_standby(primary: Instance, disaster_type: str, action: str, target: str | None) -> str | None:
    if action == "rollback":
        return None
    grey = find_grey(primary)
    if disaster_type == "stream":
        return None if _is_observed(primary, grey, target) else "all zones of the primary are upgraded first"
    return None if grey is None and target in (None, primary.version) else "the primary is committed first"


def _is_observed(instance: Instance, grey: GreyUpgrade | None, target: str | None) -> bool:
    return grey is not None and target in (None, grey.target) and set(grey.zones) == set(zones(instance))
