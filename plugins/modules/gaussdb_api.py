#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_api
short_description: Call any operation of the management platform
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Sends one request by method and path. Login, retries, paging and waiting work as in the other modules.
  - Use it for operations that no other module covers. It knows nothing about the operation, so it cannot detect whether
    the desired state already exists.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.attributes
attributes:
  check_mode:
    details: In check mode, only reads are sent.
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Every request that is not a read is sent and reported as a change.
options:
  method:
    description:
      - HTTP method.
    type: str
    choices: [GET, POST, PUT, DELETE]
    default: GET
  path:
    description:
      - Path of the operation below C(/rds), with all IDs filled in.
    type: str
    required: true
  query:
    description:
      - Query parameters.
    type: dict
    default: {}
  body:
    description:
      - Body of the request, sent as JSON.
    type: dict
  secret_body:
    description:
      - Part of the body with values that must not be shown. It is merged into O(body) recursively, lists entry by
        entry.
    type: dict
  read_only:
    description:
      - Whether the operation only reads. By default, only C(GET) requests count as reads, although the platform also
        has reads that are C(POST) requests.
    type: bool
  items_key:
    description:
      - Key of the list in the reply. If set, all pages are read and returned as RV(objects). For reads only.
    type: str
  page_size:
    description:
      - Number of objects per page if O(items_key) is set, up to 100. Use V(0) for operations without C(limit) and
        C(offset).
    type: int
    default: 100
"""

EXAMPLES = r"""
- name: List the hosts that are ready for use
  gaussdb.tpops.gaussdb_api:
    path: /gaussdb/v3/hosts
    query:
      status: unmanaged
    items_key: hosts
  register: ready

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ ready.objects | map(attribute='name') | join(', ') }}"

- name: Add a data center
  gaussdb.tpops.gaussdb_api:
    method: POST
    path: /gaussdb/v3/data-centers
    body:
      data_centers:
        - name: AZ9
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
status:
  description: HTTP status of the reply.
  returned: when one request was sent
  type: int
  sample: 200
reply:
  description: The reply, parsed if it is JSON, otherwise as text.
  returned: when one request was sent
  type: raw
  sample:
    versions:
      - 505.2.0
objects:
  description: The objects of all pages.
  returned: when O(items_key) is given
  type: list
  elements: dict
plan:
  description: The writes that were sent, in check mode those that would be.
  returned: always
  type: list
  elements: dict
  contains:
    operation:
      description: Name of the operation.
      type: str
    method:
      description: HTTP method.
      type: str
    path:
      description: Path below C(/rds).
      type: str
    summary:
      description: What the request does, in one sentence.
      type: str
job:
  description: The last one of RV(jobs).
  returned: when a job was started
  type: dict
  contains:
    id:
      description: ID of the job.
      type: str
    name:
      description: Type of the job, as the platform calls it.
      type: str
    status:
      description: Status, such as V(Running), V(Completed) or V(Failed).
      type: str
    progress:
      description: Progress in percent.
      type: float
  sample:
    id: 8a0e8d9f-1bb5-4f0b-9a41-32a9b2a6a0c6
    name: StartGaussDBV5Instance
    status: Running
    progress: 45
jobs:
  description: The jobs that the task started, in their order. Without waiting C(name) and C(progress) are empty.
  returned: when a job was started
  type: list
  elements: dict
  contains:
    id:
      description: ID of the job.
      type: str
    name:
      description: Type of the job, as the platform calls it.
      type: str
    status:
      description: Status, such as V(Running), V(Completed) or V(Failed).
      type: str
    progress:
      description: Progress in percent.
      type: float
  sample:
    - id: 8a0e8d9f-1bb5-4f0b-9a41-32a9b2a6a0c6
      name: StartGaussDBV5Instance
      status: Running
      progress: 45
"""
# RETURN:end

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call, Operation
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Hooks
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def is_read(params: Mapping[str, Any]) -> bool:
    return bool(params["method"] == "GET" if params["read_only"] is None else params["read_only"])


def merged(body: Any, secret_body: Any) -> Any:
    """Merge the secret body into the body, object by object and entry by entry."""
    if isinstance(body, list) and isinstance(secret_body, list):
        return [merged(*pair) for pair in zip_longest(body, secret_body)]
    if not (isinstance(body, dict) and isinstance(secret_body, dict)):
        return body if secret_body is None else secret_body
    return {key: merged(body.get(key), secret_body.get(key)) for key in {**body, **secret_body}}


def build_call(ctx: Context) -> Call:
    """Return the call. Braces in a path would be taken for arguments; the client adds the prefix."""
    params = ctx.params
    path = "/" + params["path"].lstrip("/")
    if path.startswith("/rds/"):
        path = path[len("/rds") :]
    items = (params["items_key"],) if params["items_key"] else ()
    operation = Operation(
        f"{params['method']} {path}",
        params["method"],
        path,
        "",
        read=is_read(params),
        job_if_named=True,
        items=items,
        page_size=params["page_size"] if items else 0,
    )
    return operation.call(query=params["query"], body=merged(params["body"], params["secret_body"]))


def plan(ctx: Context, items: Sequence[Item]) -> list[Step]:
    if is_read(ctx.params):
        return []
    if ctx.params["items_key"]:
        raise InputError("items_key", "only reads have pages; set read_only=true for a POST request that only reads")
    request = build_call(ctx)
    return [Step(request, f"Send {request.operation.name}")]


def build_result(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    if is_read(ctx.params):
        if ctx.params["items_key"]:
            return {"objects": ctx.client.items(build_call(ctx))}
        replies = [ctx.client.send(build_call(ctx))]
    else:
        replies = ctx.replies
    return {"status": replies[0].status, "reply": replies[0].data} if replies else {}


SPEC = Action(
    name="api",
    starts_jobs=True,
    fields=(
        Field("method", choices=("GET", "POST", "PUT", "DELETE"), default="GET"),
        Field(
            "path", required=True, validate=checks.pattern(r"/?[^{}?#\s]+", "a path without braces, blanks or a query")
        ),
        Field("query", type="dict", default={}),
        Field("body", type="dict"),
        Field("secret_body", type="dict", no_log=True),
        Field("read_only", type="bool"),
        Field("items_key", no_log=False),
        Field("page_size", type="int", default=100, validate=checks.between(0, 100)),
    ),
    steps=plan,
    hooks=Hooks(result=build_result),
    also_returns=(
        Attr("status", kind="int", doc="HTTP status of the reply.", returned="when one request was sent", sample=200),
        Attr(
            "reply",
            type="raw",
            doc="The reply, parsed if it is JSON, otherwise as text.",
            returned="when one request was sent",
            sample={"versions": ["505.2.0"]},
        ),
        Attr(
            "objects",
            type="list",
            elements="dict",
            doc="The objects of all pages.",
            returned="when O(items_key) is given",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
