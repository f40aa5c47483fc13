# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  endpoint:
    description:
      - Address of any node of the management platform, as V(host:port) or V(https://host:port). Without a port, V(8002)
        is used. An IPv6 address is in brackets, as V([2001:db8::1]:8002).
      - Without this option the environment variable E(GAUSSDB_TPOPS_ENDPOINT) is used. One of the two is required.
    type: str
  username:
    description:
      - Name of a platform user. Required unless O(token) is given.
      - Without this option the environment variable E(GAUSSDB_TPOPS_USERNAME) is used.
    type: str
  password:
    description:
      - Password of O(username). Required unless O(token) is given.
      - Without this option the environment variable E(GAUSSDB_TPOPS_PASSWORD) is used.
    type: str
  token:
    description:
      - A token, as M(gaussdb.tpops.gaussdb_token) returns it, to be used instead of logging in.
      - When the platform refuses it and O(username) and O(password) are given too, the module logs in once and goes on.
      - Without this option the environment variable E(GAUSSDB_TPOPS_TOKEN) is used.
    type: str
  ca_path:
    description:
      - File with the certificates, in PEM format, that the certificate of the platform is checked against, up to 16
        MiB.
      - Without this option the environment variable E(GAUSSDB_TPOPS_CA_PATH), and without that the system's
        certificates are used.
    type: path
  validate_certs:
    description:
      - Whether the certificate of the platform is checked. Turn it off only where nobody else can answer under this
        address.
      - Without this option the environment variable E(GAUSSDB_TPOPS_VALIDATE_CERTS) is used.
    type: bool
    default: true
  language:
    description:
      - Language of the platform's messages.
      - Without this option the environment variable E(GAUSSDB_TPOPS_LANGUAGE) is used.
    type: str
    choices: [en-us, zh-cn]
    default: en-us
  timeout:
    description:
      - Seconds to wait for a connection, and for each part of the reply to a request, from 1 to 3600.
      - A whole exchange, up to the last byte of the reply, may take four times as long, and so may a request with all
        its repeats. Raise the value where large replies come over a slow line. No reply may be larger than 32 MiB, and
        no list longer than 1000 pages.
      - Without this option the environment variable E(GAUSSDB_TPOPS_TIMEOUT) is used.
    type: int
    default: 30
  retries:
    description:
      - How often a request is repeated after a passing failure. Reads are repeated after any such failure, writes only
        when it is certain that the platform has not acted. From 0 to 100.
      - Without this option the environment variable E(GAUSSDB_TPOPS_RETRIES) is used.
    type: int
    default: 4
  busy_timeout:
    description:
      - Seconds to wait for an object that the platform reports to be busy with another operation, from 0 to 86400.
      - Without this option the environment variable E(GAUSSDB_TPOPS_BUSY_TIMEOUT) is used.
    type: int
    default: 300
  token_cache:
    description:
      - Whether the token of a login is kept for the tasks that follow, in a file below the Ansible home directory that
        only its owner can read. Turn it off to log in for each task.
      - A password that the platform has refused is not tried again for a minute by any task or host of the same run of
        Ansible, since wrong passwords can lock the account. Where nothing can be kept, this holds within one task.
      - Without this option the environment variable E(GAUSSDB_TPOPS_TOKEN_CACHE) is used.
    type: bool
    default: true
requirements:
  - requests
notes:
  - An option that is null is not given. The same goes for a name, an ID or a path that is empty or blank, so that a
    template may end in C(default('')). An entry of a list that is null is an error.
  - With a local connection the module runs inside the controller, without a process of its own. Set the variable
    C(run_in_controller) or the environment variable E(GAUSSDB_TPOPS_RUN_IN_CONTROLLER) to V(false) to turn that off.
    The results are the same.
  - Inside the controller it shows on standard error how far the platform is, unless the task has C(no_log). Set the
    variable C(gaussdb_progress) or the environment variable E(GAUSSDB_TPOPS_PROGRESS) to V(false) to turn that off.
  - A relative path is taken from the folder in which Ansible was started; on a host that is not reached by a local
    connection, from the folder in which a login there begins.
"""
