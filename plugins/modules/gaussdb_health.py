#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documents an action of the controller, which has no module: see plugins/action/gaussdb_health.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_health
short_description: Report the health of several platforms on one page
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Reads several platforms at the same time, judges what it saw, and writes one page in HTML and its record in JSON.
  - Each finding is a code with values. Its color is V(red), V(amber), or V(unread) for what could not be read, which is
    never taken for healthy. Each limit is an option.
  - It reads 8 lists of each site, with all their pages, whatever the number of instances. These are instances, full
    backups, alarms, agents, disaster recovery relations, hosts, the names of metrics, and the usage of data disks,
    ten instances in one request. O(deep) needs more.
  - A site that does not answer, rejects the login, or has a mistake in its variables is one finding.
  - Where a site has C(gaussdb_estate) or C(gaussdb_estate_dir), instances and versions are compared with it; where it
    has C(dr_relations), the relations are, too. No secret in them is looked at.
  - A finding is new if the newest earlier record of the same sites in O(dest) does not have it, or has it with a less
    severe color. What could not be read then, or cannot be read now, is not compared.
  - It sets the statistic C(gaussdb_health), as M(ansible.builtin.set_stats) does, with RV(color), RV(counts),
    RV(dead_sites) and RV(page), the SHA-256 digest of the record, and the record if it has at most 512 KiB.
  - This is an action of the controller. It changes nothing on a platform, and it fails only for wrong options. The role
    C(gaussdb.tpops.health) uses it.
attributes:
  check_mode:
    description: Can run in check mode and return changed status without modifying target.
    support: full
    details: In check mode no page is written.
  diff_mode:
    description: Will return details on what has changed, when in diff mode.
    support: none
  idempotent:
    description: A second run with the same options changes nothing.
    support: N/A
    details: Each run has a page of its own.
options:
  sites:
    description:
      - Inventory hosts that stand for the platforms, each with C(tpops_endpoint) and the other variables of a
        connection.
    type: list
    elements: str
    required: true
  deep:
    description:
      - Whether to read also the restorable times and the slow SQL of each instance, with one or two requests for each,
        and the results of the inspection.
    type: bool
    default: false
  inspection:
    description:
      - Name of the inspections whose results are read, without the number at the end of each, such as C(-1).
    type: str
    default: gaussdb-health
  limits:
    description:
      - What is healthy.
    type: dict
    default: {}
    suboptions:
      backup_age:
        description:
          - Age up to which each instance must have a complete full backup. Backups of this time that have failed are
            found, too.
        type: str
        default: 2d
      backup_types:
        description:
          - Types of full backups, as M(gaussdb.tpops.gaussdb_backup_info) has them. Each type needs one list. By
            default all that are not on XBSA media.
        type: list
        elements: str
        default: []
      alarms_red:
        description:
          - Severities of alarms that are red.
        type: list
        elements: str
        default: [critical]
      alarms_amber:
        description:
          - Severities of alarms that are amber. The others are only counted.
        type: list
        elements: str
        default: [major]
      disk_amber_percent:
        description:
          - Usage of a data disk from which it is amber.
        type: float
        default: 80
      disk_red_percent:
        description:
          - Usage of a data disk from which it is red.
        type: float
        default: 90
      password_amber_days:
        description:
          - Remaining validity of the password of the platform user up to which it is amber.
        type: int
        default: 14
      password_red_days:
        description:
          - Remaining validity of this password up to which it is red.
        type: int
        default: 3
      restore_minutes:
        description:
          - How many minutes ago the newest restorable moment may be, with O(deep).
        type: int
        default: 60
      slow_sql_seconds:
        description:
          - Number of seconds from which a statement counts as slow, with O(deep).
        type: int
        default: 1
      slow_sql_most:
        description:
          - Number of different slow statements of the last day that an instance may have, with O(deep).
        type: int
        default: 10
      inspection_age:
        description:
          - Maximum age of the results of an inspection, with O(deep).
        type: str
        default: 12h
  probe:
    description:
      - Seconds to wait for an answer, and how often to repeat a read, for sites that may be down.
    type: dict
    default: {}
    suboptions:
      timeout:
        description:
          - Seconds to wait for an answer.
        type: int
        default: 10
      retries:
        description:
          - Number of repetitions.
        type: int
        default: 1
  dest:
    description:
      - Folder for page and record, created if it is missing. Without the right to write there, the findings are only
        shown.
    type: path
    required: true
  language:
    description:
      - Language of the page, V(en) or V(zh).
    type: str
    default: en
seealso:
  - module: gaussdb.tpops.gaussdb_procedure
  - module: gaussdb.tpops.gaussdb_drift
"""

EXAMPLES = r"""
- name: Report the health of two sites
  gaussdb.tpops.gaussdb_health:
    sites: [site-a, site-b]
    limits:
      disk_amber_percent: 75
    dest: evidence
  register: health

- name: Stop here if something is red
  ansible.builtin.assert:
    that: health.counts.red == 0
"""

RETURN = r"""
color:
  description: The worst color of all findings, V(green) without one, V(amber), V(unread) or V(red).
  returned: success
  type: str
  sample: amber
counts:
  description: Number of findings of each color, of those that are new and those that are gone, and of sites and
    instances.
  returned: success
  type: dict
  sample: {red: 0, unread: 0, amber: 2, new: 1, gone: 0, sites: 2, instances: 12}
dead_sites:
  description: The sites of which nothing could be read.
  returned: success
  type: list
  elements: str
  sample: []
lines:
  description: A line for each finding, and one with the counts.
  returned: success
  type: list
  elements: str
  sample: ["amber: site-a orders-prod: Disk of 192.0.2.11: 84 % used, limit 80 %"]
page:
  description: The page, if it was written.
  returned: success
  type: list
  elements: str
  sample: [evidence/20260112T060000.000000Z-health.html]
files:
  description: Record and page, if they were written.
  returned: success
  type: list
  elements: str
"""
