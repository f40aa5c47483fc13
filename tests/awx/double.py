# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A double of the REST API of AWX on loopback: it keeps what it is told, shows it as AWX does, and refuses what AWX
refuses of the content of this repository.

It runs no job. The parts are those that the modules of awx.awx use: lists with filters, objects with their defaults,
associations, surveys, nodes with approvals, roles, and tokens.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

API = "/api/v2/"
ENCRYPTED = "$encrypted$"
USERNAME, PASSWORD = "admin", "awx-Password-1"

_PROMPTS = (
    *("diff_mode", "variables", "limit", "tags", "skip_tags", "job_type", "verbosity", "inventory", "credential"),
    *("execution_environment", "forks", "instance_groups", "job_slice_count", "labels", "timeout", "scm_branch"),
)
_LAUNCH: dict[str, Any] = {"extra_data": {}, "inventory": None, "scm_branch": None, "job_type": None, "limit": None}
_NOTIFICATIONS = tuple(f"notification_templates_{each}" for each in ("started", "success", "error"))

# The fields of each kind of object, with their defaults.
FIELDS: dict[str, dict[str, Any]] = {
    "organizations": {"description": ""},
    "credential_types": {"description": "", "kind": "cloud", "managed": False, "inputs": {}, "injectors": {}},
    "credentials": {"description": "", "organization": None, "credential_type": None, "inputs": {}},
    "execution_environments": {"description": "", "organization": None, "image": "", "pull": "", "credential": None},
    "notification_templates": {
        "description": "",
        "organization": None,
        "notification_type": "",
        "notification_configuration": {},
        "messages": None,
    },
    "projects": {
        "description": "",
        "organization": None,
        "scm_type": "",
        "scm_url": "",
        "scm_branch": "",
        "scm_clean": False,
        "scm_update_on_launch": False,
        "default_environment": None,
        "credential": None,
        "allow_override": False,
    },
    "inventories": {
        "description": "",
        "organization": None,
        "kind": "",
        "host_filter": None,
        "variables": "",
        "prevent_instance_group_fallback": False,
    },
    "inventory_sources": {
        "description": "",
        "inventory": None,
        "source": "",
        "source_path": "",
        "source_project": None,
        "source_vars": "",
        "credential": None,
        "execution_environment": None,
        "overwrite": False,
        "overwrite_vars": False,
        "update_on_launch": False,
        "update_cache_timeout": 0,
        "timeout": 0,
        "verbosity": 1,
    },
    "job_templates": {
        "description": "",
        "organization": None,
        "job_type": "run",
        "inventory": None,
        "project": None,
        "playbook": "",
        "execution_environment": None,
        "extra_vars": "",
        "limit": "",
        "forks": 0,
        "verbosity": 0,
        "survey_enabled": False,
        "allow_simultaneous": False,
        "job_slice_count": 1,
        "diff_mode": False,
        "webhook_service": "",
        "webhook_credential": None,
        **{f"ask_{each}_on_launch": False for each in _PROMPTS},
    },
    "workflow_job_templates": {
        "description": "",
        "organization": None,
        "extra_vars": "",
        "survey_enabled": False,
        "inventory": None,
        "allow_simultaneous": False,
        "webhook_service": "",
        "webhook_credential": None,
        "limit": None,
        **{f"ask_{each}_on_launch": False for each in _PROMPTS},
    },
    "workflow_job_template_nodes": {
        **_LAUNCH,
        "identifier": "",
        "workflow_job_template": None,
        "unified_job_template": None,
        "all_parents_must_converge": False,
    },
    "workflow_approval_templates": {"description": "", "timeout": 0},
    "schedules": {**_LAUNCH, "description": "", "rrule": "", "unified_job_template": None, "enabled": True},
    "teams": {"description": "", "organization": None},
    "labels": {"organization": None},
    "instance_groups": {},
}
# What a field refers to.
REFERS = {
    "organization": ("organizations",),
    "credential_type": ("credential_types",),
    "credential": ("credentials",),
    "webhook_credential": ("credentials",),
    "execution_environment": ("execution_environments",),
    "default_environment": ("execution_environments",),
    "project": ("projects",),
    "source_project": ("projects",),
    "inventory": ("inventories",),
    "workflow_job_template": ("workflow_job_templates",),
    "unified_job_template": ("job_templates", "workflow_job_templates", "workflow_approval_templates", "projects"),
}
# The lists below an object, and the kinds of what they contain.
LISTS = {
    "job_templates": {"credentials": "credentials", "labels": "labels"}
    | dict.fromkeys(_NOTIFICATIONS, "notification_templates"),
    "workflow_job_templates": {"labels": "labels"}
    | dict.fromkeys((*_NOTIFICATIONS, "notification_templates_approvals"), "notification_templates"),
    "projects": dict.fromkeys(_NOTIFICATIONS, "notification_templates"),
    "inventory_sources": dict.fromkeys(_NOTIFICATIONS, "notification_templates"),
    "workflow_job_template_nodes": {"credentials": "credentials"}
    | dict.fromkeys(("success_nodes", "failure_nodes", "always_nodes"), "workflow_job_template_nodes"),
    "schedules": {"credentials": "credentials"},
    "roles": {"teams": "teams"},
}
ROLES = {"job_templates": ("execute",), "workflow_job_templates": ("execute", "approval")}
# What ends with the object to which one of these fields refers.
PARTS = ("workflow_job_template_nodes", "schedules", "inventory_sources")
ENDS_WITH = ("workflow_job_template", "unified_job_template", "inventory")
# What tells two objects of a kind apart, if not name and organization.
IDENTITIES = {
    "workflow_job_template_nodes": ("identifier", "workflow_job_template"),
    "workflow_approval_templates": ("id",),
    "inventory_sources": ("name", "inventory"),
    "schedules": ("name", "unified_job_template"),
}
BUILT_IN = (
    {"name": "Vault", "kind": "vault", "secrets": ("vault_password",)},
    {"name": "GitLab Personal Access Token", "kind": "token", "secrets": ("token",)},
)
QUESTION = {"question_name", "question_description", "required", "type", "variable"}


class Refused(Exception):
    """What AWX answers to a mistake."""

    def __init__(self, status: int, **body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body


class Double:
    """The objects of one AWX. ``requests`` has the method and the path of each request."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[int, dict[str, Any]]] = {kind: {} for kind in (*FIELDS, "roles")}
        self.lists: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[tuple[str, int], dict[str, Any]] = {}
        self.roles: dict[tuple[str, int, str], int] = {}
        self.requests: list[tuple[str, str]] = []
        self.refused: list[str] = []
        self.host = ""
        self._last = 0
        self.create("organizations", {"name": "Default"})
        for each in BUILT_IN:
            fields = [{"id": name, "secret": True} for name in each["secrets"]]
            built = {"name": each["name"], "kind": each["kind"], "inputs": {"fields": fields}}
            self.objects["credential_types"][self.create("credential_types", built)]["managed"] = True

    @property
    def environment(self) -> dict[str, str]:
        return {"CONTROLLER_HOST": self.host, "CONTROLLER_USERNAME": USERNAME, "CONTROLLER_PASSWORD": PASSWORD}

    @property
    def writes(self) -> list[str]:
        """The requests that write, without those for tokens."""
        return [
            f"{method} {path}" for method, path in self.requests if method != "GET" and not path.startswith("tokens/")
        ]

    def named(self, kind: str, name: str) -> dict[str, Any]:
        """Return an object of a kind, to look at it or to change it behind everybody's back."""
        (found,) = (each for each in self.objects[kind].values() if each.get("name", each.get("identifier")) == name)
        return found

    def create(self, kind: str, given: Mapping[str, Any]) -> int:
        self._last += 1
        self._check(kind, self._last, given, new=True)
        known = {name: value for name, value in given.items() if name in FIELDS[kind]}
        named = {"name": given["name"]} if "name" in given else {}
        self.objects[kind][self._last] = {"id": self._last, **named, **FIELDS[kind], **_plain(kind, known)}
        return self._last

    def change(self, kind: str, number: int, given: Mapping[str, Any]) -> None:
        self._check(kind, number, given, new=False)
        entry = self.objects[kind][number]
        for name, value in _plain(kind, given).items():
            if name in entry:
                entry[name] = _merged(entry[name], value) if name in ("inputs", "notification_configuration") else value

    def delete(self, kind: str, number: int) -> None:
        if kind == "credential_types" and any(
            each["credential_type"] == number for each in self.objects["credentials"].values()
        ):
            raise Refused(403, detail="Credential types that are in use cannot be deleted.")
        gone = self.objects[kind].pop(number)
        if kind == "workflow_job_template_nodes":
            # An approval is a part of its node.
            self.objects["workflow_approval_templates"].pop(gone["unified_job_template"], None)
        for other, entries in self.objects.items():
            for entry in list(entries.values()):
                for field, kinds in REFERS.items():
                    if kind in kinds and entry.get(field) == number and entry["id"] in entries:
                        if field in ENDS_WITH and other in PARTS:
                            self.delete(other, entry["id"])
                        else:
                            entry[field] = None
        for owner, members in list(self.lists.items()):
            if owner[:2] == (kind, number):
                del self.lists[owner]
            elif LISTS[owner[0]][owner[2]] == kind and number in members:
                members.remove(number)
        self.surveys.pop((kind, number), None)

    def _check(self, kind: str, number: int, given: Mapping[str, Any], new: bool) -> None:
        """Refuse what AWX refuses."""
        for field, kinds in REFERS.items():
            value = given.get(field)
            if value is not None and not any(value in self.objects[each] for each in kinds):
                raise Refused(400, **{field: [f'Invalid pk "{value}" - object does not exist.']})
        for name in given:
            # The modules send the type of a node.
            if name not in FIELDS[kind] and name not in ("name", "type", "workflow_job_template"):
                raise Refused(400, **{name: ["No such field."]})
        entry = {**self.objects[kind].get(number, {}), **given}
        same = [each for each in self.objects[kind].values() if each["id"] != number and _same(kind, each, entry)]
        if same:
            raise Refused(400, __all__=[f"{kind} with this name already exists."])
        if new and kind in ("job_templates", "projects", "inventories", "teams") and not entry.get("organization"):
            raise Refused(400, organization=["This field is required."])
        if kind in ("workflow_job_template_nodes", "schedules") and entry.get("unified_job_template"):
            self._check_launch(entry)

    def _check_launch(self, entry: Mapping[str, Any]) -> None:
        """Refuse what the template does not ask for."""
        for kind in ("job_templates", "workflow_job_templates"):
            template = self.objects[kind].get(entry["unified_job_template"])
            if template:
                spec = self.surveys.get((kind, template["id"]), {}).get("spec", ())
                asked = {each["variable"] for each in spec} if template["survey_enabled"] else set()
                unknown = sorted(set(entry.get("extra_data") or ()) - asked)
                if unknown and not template["ask_variables_on_launch"]:
                    text = f"Variables {', '.join(unknown)} are not allowed on launch."
                    raise Refused(400, extra_data=[text])
                if entry.get("job_type") and not template["ask_job_type_on_launch"]:
                    raise Refused(400, job_type=["Field is not configured to prompt on launch."])

    def show(self, kind: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Return an object as AWX shows it: with its addresses, with names, and without secrets."""
        number, url = entry["id"], f"{API}{kind}/{entry['id']}/"
        related = {name: f"{url}{name}/" for name in LISTS.get(kind, ())}
        summary: dict[str, Any] = {}
        for field, kinds in REFERS.items():
            for each in kinds:
                if entry.get(field) in self.objects[each]:
                    summary[field] = {"id": entry[field], "name": self.objects[each][entry[field]].get("name", "")}
                    related[field] = f"{API}{each}/{entry[field]}/"
        if kind in ("job_templates", "workflow_job_templates"):
            related["survey_spec"] = f"{url}survey_spec/"
        if kind in ROLES:
            summary["object_roles"] = {
                f"{role}_role": {"id": self._role(kind, number, role), "name": role} for role in ROLES[kind]
            }
        if kind == "inventory_sources":
            # AWX filters all unified job templates by it.
            entry = {**entry, "organization": self.objects["inventories"][entry["inventory"]]["organization"]}
        shown = {**entry, "type": _type_of(kind), "url": url, "related": related, "summary_fields": summary}
        if kind == "credentials":
            secret = self._secrets_of(entry["credential_type"])
            shown["inputs"] = {
                name: ENCRYPTED if name in secret and value else value for name, value in entry["inputs"].items()
            }
        if kind == "notification_templates":
            shown["notification_configuration"] = {
                name: ENCRYPTED if name == "password" and value else value
                for name, value in entry["notification_configuration"].items()
            }
        return shown

    def _secrets_of(self, number: int) -> set[str]:
        fields = self.objects["credential_types"][number]["inputs"].get("fields", ())
        return {field["id"] for field in fields if field.get("secret")}

    def _role(self, kind: str, number: int, role: str) -> int:
        key = (kind, number, role)
        if key not in self.roles:
            self._last += 1
            self.roles[key] = self._last
            self.objects["roles"][self._last] = {"id": self._last, "name": f"{kind} {number} {role}"}
        return self.roles[key]

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any]) -> tuple[int, Any]:
        """Return the status and the body of the answer to a request for a path below /api/v2/."""
        parts = path.strip("/").split("/")
        if parts[0] == "tokens":
            return (201, {"id": 1, "token": "a-token"}) if method == "POST" else (204, None)
        if parts[0] == "unified_job_templates":
            kinds = ("job_templates", "workflow_job_templates", "projects", "inventory_sources")
            return 200, self._page(query, kinds)
        kind = parts[0]
        if kind not in self.objects:
            raise Refused(404, detail="Not found.")
        if len(parts) == 1:
            if method == "GET":
                return 200, self._page(query, (kind,))
            return 201, self.show(kind, self.objects[kind][self.create(kind, body)])
        number = int(parts[1])
        if number not in self.objects[kind]:
            raise Refused(404, detail="Not found.")
        if len(parts) == 2:
            return self._one(method, kind, number, body)
        return self._below(method, kind, number, parts[2], query, body)

    def _one(self, method: str, kind: str, number: int, body: Mapping[str, Any]) -> tuple[int, Any]:
        if method == "DELETE":
            self.delete(kind, number)
            return 204, None
        if method == "PATCH":
            self.change(kind, number, body)
        return 200, self.show(kind, self.objects[kind][number])

    def _below(
        self, method: str, kind: str, number: int, name: str, query: Mapping[str, str], body: Mapping[str, Any]
    ) -> tuple[int, Any]:
        if name == "survey_spec":
            return self._survey(method, kind, number, body)
        if name == "create_approval_template" and method == "POST":
            approval = self.create("workflow_approval_templates", body)
            self.objects[kind][number]["unified_job_template"] = approval
            return 201, self.show("workflow_approval_templates", self.objects["workflow_approval_templates"][approval])
        if name not in LISTS.get(kind, {}):
            raise Refused(404, detail="Not found.")
        members = self.lists.setdefault((kind, number, name), [])
        other = LISTS[kind][name]
        if method == "GET":
            return 200, self._page(query, (other,), members)
        if body["id"] not in self.objects[other]:
            raise Refused(400, msg=f"{other} {body['id']} does not exist")
        if body.get("disassociate"):
            members.remove(body["id"])
        elif body["id"] not in members:
            self._check_credential(kind, name, members, body["id"])
            members.append(body["id"])
        return 204, None

    def _check_credential(self, kind: str, name: str, members: list[int], number: int) -> None:
        """Refuse a second credential of a type, as AWX does for a job template."""
        if (kind, name) == ("job_templates", "credentials"):
            types = [self.objects["credentials"][each]["credential_type"] for each in (*members, number)]
            if len(set(types)) < len(types):
                raise Refused(400, error="Cannot assign multiple credentials of one type.")

    def _survey(self, method: str, kind: str, number: int, body: Mapping[str, Any]) -> tuple[int, Any]:
        if method == "GET":
            return 200, self.surveys.get((kind, number), {})
        if method == "DELETE":
            self.surveys.pop((kind, number), None)
            return 200, None
        if set(body) != {"name", "description", "spec"} or not body["spec"]:
            raise Refused(400, error="a survey has name, description and questions")
        variables = [question.get("variable") for question in body["spec"]]
        if len(set(variables)) < len(variables) or not all(set(question) >= QUESTION for question in body["spec"]):
            raise Refused(400, error="a question is not complete, or asked twice")
        for question in body["spec"]:
            if question["type"] in ("multiplechoice", "multiselect") and not question.get("choices"):
                raise Refused(400, error=f"{question['variable']} has no choices")
        self.surveys[kind, number] = dict(body)
        return 200, None

    def _page(self, query: Mapping[str, str], kinds: tuple[str, ...], among: list[int] | None = None) -> dict[str, Any]:
        found = [
            self.show(kind, entry)
            for kind in kinds
            for entry in self.objects[kind].values()
            if among is None or entry["id"] in among
        ]
        filters = {name: value for name, value in query.items() if name not in ("page", "page_size")}
        matching = [each for each in found if all(_matches(each, *given) for given in filters.items())]
        size, page = int(query.get("page_size", 25)), int(query.get("page", 1))
        more = len(matching) > size * page
        others = "".join(f"&{name}={value}" for name, value in query.items() if name != "page")
        return {
            "count": len(matching),
            "next": f"{API}{kinds[0]}/?page={page + 1}{others}" if more else None,
            "previous": None,
            "results": matching[size * (page - 1) : size * page],
        }


def _type_of(kind: str) -> str:
    return "inventory" if kind == "inventories" else kind.removesuffix("s")


def _same(kind: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether AWX takes two objects for the same."""
    return all(one.get(key) == other.get(key) for key in IDENTITIES.get(kind, ("name", "organization")))


def _plain(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as AWX keeps them: null stands for the default of a text."""
    return {name: FIELDS[kind].get(name) if value is None else value for name, value in given.items()}


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return new inputs: what is shown as encrypted stays as it is."""
    return {name: old.get(name) if value == ENCRYPTED else value for name, value in new.items()}


def _matches(entry: Mapping[str, Any], name: str, value: str) -> bool:
    if name not in entry:
        raise Refused(400, detail=f"{entry['type']} has no field named '{name}'")
    return str(entry[name]) == value


@contextmanager
def running(double: Double) -> Iterator[Double]:
    """Serve a double on a free port of loopback, and set its ``host``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(double))
    double.host = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(double: Double) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()
    basic = "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            """Write nothing: ``requests`` has it."""

        def _serve(self) -> None:
            url = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            path = re.sub(f"^{API}", "", url.path)
            with lock:
                double.requests.append((self.command, path))
                status, answer = self._answer(path, dict(parse_qsl(url.query, keep_blank_values=True)), body)
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", "24.6.1")
            self.end_headers()
            self.wfile.write(content)

        def _answer(self, path: str, query: dict[str, str], body: Mapping[str, Any]) -> tuple[int, Any]:
            wanted = basic if path.startswith("tokens/") else "Bearer a-token"
            if self.headers.get("Authorization") != wanted:
                return 401, {"detail": "Authentication credentials were not provided."}
            try:
                return double.answer(self.command, path, query, body)
            except Refused as refused:
                double.refused.append(f"{self.command} {path}: {refused}")
                return refused.status, refused.body

        do_GET: Callable[[], None] = _serve
        do_POST: Callable[[], None] = _serve
        do_PATCH: Callable[[], None] = _serve
        do_DELETE: Callable[[], None] = _serve

    return Handler
