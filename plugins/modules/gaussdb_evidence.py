#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documents an action of the controller, which has no module: see plugins/action/gaussdb_evidence.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_evidence
short_description: Send evidence to a Git repository, WebDAV, S3 or a mailbox
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Sends files from the controller to sinks, so that evidence outlives the container in which a job of AWX runs.
  - A sink that does not answer is tried again. One that does not take the files is a warning and an item of RV(notes).
    The task fails only if O(sinks) or O(files) are wrong.
  - Without O(files) it only checks O(sinks).
  - This is an action of the controller. The role C(gaussdb.tpops.procedure) runs it with the variable
    C(gaussdb_evidence_sink).
attributes:
  check_mode:
    description: Can run in check mode and return changed status without modifying target.
    support: full
    details: In check mode nothing is sent.
  diff_mode:
    description: Will return details on what has changed, when in diff mode.
    support: none
  idempotent:
    description: A second run with the same options changes nothing.
    support: partial
    details: Files are replaced, and a commit is only made for other content. A mail is sent again.
options:
  sinks:
    description:
      - List of sinks, each a dictionary with the options below, or one such dictionary. An option of another kind is an
        error.
    type: list
    elements: dict
    required: true
    suboptions:
      kind:
        description:
          - V(git) commits to the branch O(sinks[].branch) and pushes, with the C(git) of the controller.
          - V(webdav) sends each file with C(PUT) into the folder O(sinks[].url), which has to exist.
          - V(s3) sends each file with C(PUT) and a signature of version 4.
          - V(mail) sends one mail with the files attached. It goes last, and names the sinks that have failed.
        type: str
        choices: [git, webdav, s3, mail]
        required: true
      url:
        description:
          - Address of the repository, of the folder, or of the bucket with any prefix. Required for all kinds but
            V(mail).
          - For V(webdav) and V(s3) it begins with C(https://). It contains no password.
        type: str
      username:
        description: User of a repository over HTTPS, of WebDAV, or of the mail server, together with
          O(sinks[].password).
        type: str
      password:
        description: Password or token of this user.
        type: str
      branch:
        description: Branch for V(git), created if missing.
        type: str
        default: main
      folder:
        description: Folder in the repository for V(git), by default its root.
        type: str
        default: ""
      ssh_key:
        description: File with the private key for a repository over SSH, by default that of the user's SSH.
        type: path
      author:
        description: Name of the author of commits.
        type: str
        default: gaussdb.tpops
      email:
        description: Mail address of the author of commits.
        type: str
        default: gaussdb.tpops@localhost
      access_key:
        description: Access key. Required for V(s3).
        type: str
      secret_key:
        description: Secret key. Required for V(s3).
        type: str
      region:
        description: Region of the bucket, in its signature. Required for V(s3).
        type: str
      host:
        description: Mail server. Required for V(mail).
        type: str
      port:
        description: Port of the mail server. By default 587 for V(starttls), 465 for V(tls), and 25 for V(none).
        type: int
      security:
        description: How the connection to the mail server is encrypted. With V(none) there can be no password.
        type: str
        choices: [starttls, tls, none]
        default: starttls
      sender:
        description: Mail address of the sender. Required for V(mail).
        type: str
      to:
        description: Mail addresses of the recipients. Required for V(mail).
        type: list
        elements: str
      ca_path:
        description: File with the certificates to trust, by default those of the system. Certificates are always
          verified.
        type: path
      timeout:
        description: Seconds to wait for an answer.
        type: int
        default: 30
      retries:
        description: How often to try again, after 1, 2, 4 … seconds. What the sink has refused for good is not tried
          again.
        type: int
        default: 3
  files:
    description: Paths of the files.
    type: list
    elements: path
    default: []
  about:
    description: One line about the files, the subject of a mail and the message of a commit.
    type: str
    default: Evidence
  only:
    description: Numbers of the sinks to send to, the first one is 0. By default all of them.
    type: list
    elements: int
"""

EXAMPLES = r"""
- name: Send a record and its page to a repository
  gaussdb.tpops.gaussdb_evidence:
    sinks:
      - kind: git
        url: https://git.example.com/dba/evidence.git
        username: evidence
        password: "{{ evidence_token }}"
        folder: orders
    files:
      - evidence/20261125T003327.104772Z-failover-orders.json
      - evidence/20261125T003327.104772Z-failover-orders.html
    about: "failover of orders: done"

- name: Check the sinks without sending anything
  gaussdb.tpops.gaussdb_evidence:
    sinks: "{{ gaussdb_evidence_sink }}"
"""

RETURN = r"""
notes:
  description: The sinks that did not take the files, each with RV(notes[].code), kind and address, and the reason.
  returned: success
  type: list
  elements: dict
  contains:
    code:
      description: Always V(evidence_sink).
      type: str
    sink:
      description: Kind and address.
      type: str
    message:
      description: Why it did not take them, without secrets.
      type: str
  sample:
    - code: evidence_sink
      sink: webdav https://dav.example.com/evidence
      message: "PUT https://dav.example.com/evidence/run.json: 507 Insufficient Storage"
stored:
  description: Numbers of the sinks that have the files now, without mails.
  returned: success
  type: list
  elements: int
  sample: [0]
"""
