# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  endpoint:
    description:
      - Address of any node of the management platform, as V(host:port) or V(https://host:port). Without a port, V(8002) is used.
      - Without this option the environment variable E(GAUSSDB_TPOPS_ENDPOINT) is used.
    type: str
    required: true
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
      - File with the certificates, in PEM format, that the certificate of the platform is checked against.
      - Without this option the environment variable E(GAUSSDB_TPOPS_CA_PATH), and without that the system's certificates are used.
    type: path
  validate_certs:
    description:
      - Whether the certificate of the platform is checked. Turn it off only where nobody else can answer under this address.
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
      - Seconds to wait for the answer to one request.
      - Without this option the environment variable E(GAUSSDB_TPOPS_TIMEOUT) is used.
    type: int
    default: 30
  retries:
    description:
      - How often a request is repeated after a passing failure. Reads are repeated after any such failure, writes only
        when it is certain that the platform has not acted.
      - Without this option the environment variable E(GAUSSDB_TPOPS_RETRIES) is used.
    type: int
    default: 4
  busy_timeout:
    description:
      - Seconds to wait for an object that the platform reports to be busy with another operation.
      - Without this option the environment variable E(GAUSSDB_TPOPS_BUSY_TIMEOUT) is used.
    type: int
    default: 300
  token_cache:
    description:
      - Whether the token of a login is kept for the tasks that follow, in a file below the Ansible home directory that only
        its owner can read. Turn it off to log in for each task.
      - Without this option the environment variable E(GAUSSDB_TPOPS_TOKEN_CACHE) is used.
    type: bool
    default: true
requirements:
  - requests
notes:
  - With a local connection the module runs inside the controller, without a process of its own. Set the variable
    C(run_in_controller) or the environment variable E(GAUSSDB_TPOPS_RUN_IN_CONTROLLER) to V(false) to turn that off.
    The results are the same.
  - A relative path is taken from the folder in which Ansible was started; on a host that is not reached by a local connection, from the
    folder in which a login there begins.
"""
