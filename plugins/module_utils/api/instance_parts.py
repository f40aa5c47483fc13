# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Parts of an instance: its nodes (reference 4.11.8) and their components (4.11.3)."""

from __future__ import annotations

from . import vocabulary as words
from .shape import Attr, Shape

FLAVOR = Shape((Attr("vcpu", kind="int", doc="Number of virtual CPUs."), Attr("mem", kind="int", doc="Memory in GB.")))
VOLUME = Shape((Attr("type", doc="Type of the storage."), Attr("size", kind="int", doc="Size in GB.")))
BACKUP_STRATEGY = Shape(
    (
        Attr("start_time", doc="Hour in which they start, in UTC."),
        Attr("keep_days", kind="int", doc="Number of days for which they are kept."),
    )
)

NODE = Shape(
    (
        Attr("id", doc="ID of the node."),
        Attr("name", doc="Name of the node."),
        Attr("hostname", doc="Name of the host."),
        Attr("role", words=words.NODE_ROLE, doc="V(master) or V(slave)."),
        Attr("status", words=words.INSTANCE_STATUS, doc="Status of the node."),
        Attr("availability_zone", doc="Data center of the node."),
        Attr("private_ip", doc="Address for database clients."),
        Attr("data_ip", doc="Address for the components of the instance."),
        Attr("management_ip", ("management_ip", "manage_ip"), doc="Address for the platform."),
    )
)
COMPONENT = Shape(
    (
        Attr("id", doc="ID of the component, such as V(dn_6001)."),
        Attr("type", words=words.COMPONENT_TYPE, doc="Type of component."),
        Attr("role", words=words.NODE_ROLE, doc="Role as the platform calls it. Use C(status) to find the primaries."),
        Attr(
            "status",
            words=words.COMPONENT_STATUS,
            doc="State, such as V(Primary), V(Standby), V(Normal), V(StateLeader), V(StateFollower) or V(Down).",
        ),
        Attr("distributed_id", doc="ID that the replicas of one shard share. Empty for other types."),
        Attr("detail", doc="Details of the state."),
    )
)
COMPONENT_NODE = Shape(
    (
        Attr("id", doc="ID of the node."),
        Attr("name", doc="Name of the node."),
        Attr("hostname", doc="Name of the host."),
        Attr(
            "availability_zone_id", ("availability_zone_id", "availability_zone"), doc="Availability zone of the node."
        ),
        Attr("description", doc="Description of the node."),
        Attr("status", words=words.NODE_STATUS, doc="State, such as V(normal) or V(abnormal)."),
        Attr(
            "components",
            ("components",),
            "list",
            COMPONENT,
            doc="Components on the node.",
        ),
    )
)
