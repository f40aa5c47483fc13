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
      - If not set, the environment variable E(GAUSSDB_TPOPS_ENDPOINT) is used. One of the two is required.
    type: str
  username:
    description:
      - Name of a platform user. Required unless O(token) is given.
      - If not set, the environment variable E(GAUSSDB_TPOPS_USERNAME) is used.
    type: str
  password:
    description:
      - Password of O(username). Required unless O(token) is given.
      - If not set, the environment variable E(GAUSSDB_TPOPS_PASSWORD) is used.
    type: str
  token:
    description:
      - Token from M(gaussdb.tpops.gaussdb_token) to use instead of logging in.
      - If the platform rejects the token, and O(username) and O(password) are given too, the module logs in once and
        continues.
      - If not set, the environment variable E(GAUSSDB_TPOPS_TOKEN) is used.
    type: str
  ca_path:
    description:
      - File with the CA certificates in PEM format that the platform's certificate is verified against, up to 16 MiB.
      - If not set, the environment variable E(GAUSSDB_TPOPS_CA_PATH) is used. If that is not set either, the system's
        certificates are used.
    type: path
  validate_certs:
    description:
      - Whether to verify the platform's certificate. Turn it off only where no other host can answer at this address.
      - If not set, the environment variable E(GAUSSDB_TPOPS_VALIDATE_CERTS) is used.
    type: bool
    default: true
  language:
    description:
      - Language of the platform's messages.
      - If not set, the environment variable E(GAUSSDB_TPOPS_LANGUAGE) is used.
    type: str
    choices: [en-us, zh-cn]
    default: en-us
  timeout:
    description:
      - Time in seconds to wait for a connection, and for each part of the reply to a request, from 1 to 3600.
      - A complete exchange, up to the last byte of the reply, may take four times as long. So may a request with all
        its retries. Raise the value if large replies come over a slow connection. A reply can be at most 32 MiB, and a
        list at most 1000 pages.
      - If not set, the environment variable E(GAUSSDB_TPOPS_TIMEOUT) is used.
    type: int
    default: 30
  retries:
    description:
      - Number of retries after a transient failure, from 0 to 100. Reads are retried after any such failure, writes
        only if it is certain that the platform has not acted.
      - If not set, the environment variable E(GAUSSDB_TPOPS_RETRIES) is used.
    type: int
    default: 4
  busy_timeout:
    description:
      - Time in seconds to wait for an object that the platform reports as busy with another operation, from 0 to 86400.
      - If not set, the environment variable E(GAUSSDB_TPOPS_BUSY_TIMEOUT) is used.
    type: int
    default: 300
  token_cache:
    description:
      - Whether to keep the token of a login for later tasks, in a file under the Ansible home directory that only its
        owner can read. Turn it off to log in for each task.
      - If that directory cannot be written, for example by the random user of a container, the token is kept in the
        temporary directory of the Ansible run, and a warning says so.
      - Wrong passwords can lock the account. A password that the platform has rejected is therefore not tried again for
        one minute by any task or host of the same Ansible run. If nothing can be stored, this applies within one task
        only.
      - If not set, the environment variable E(GAUSSDB_TPOPS_TOKEN_CACHE) is used.
    type: bool
    default: true
requirements:
  - requests
notes:
  - An option that is null counts as not set. So does a name, an ID or a path that is empty or blank, so a template can
    end in C(default('')). A null list entry is an error.
  - With a local connection, the module runs inside the controller process. Set the variable C(run_in_controller) or the
    environment variable E(GAUSSDB_TPOPS_RUN_IN_CONTROLLER) to V(false) to turn that off. The results are the same.
  - Inside the controller, it reports the platform's progress on standard error, unless the task has C(no_log). Set the
    variable C(gaussdb_progress) or the environment variable E(GAUSSDB_TPOPS_PROGRESS) to V(false) to turn that off.
  - A relative path is relative to the directory in which Ansible was started. On a host without a local connection, it
    is relative to the login directory.
"""
