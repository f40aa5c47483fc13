# SPDX-License-Identifier: GPL-3.0-or-later
"""The admin API below /_simulator/: inspect and control the simulator. No token; off by default."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import yaml

from ..model import estate
from .faults import FaultError
from .state import State

# The content of a 200 reply; None stands for a 204 reply.
Answer = dict[str, Any] | None


class AdminError(Exception):
    """The admin request is wrong; answered with 400 (or the given status) and the message."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Admin:
    """Answers one admin request at a time."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._routes: dict[tuple[str, str], Callable[[str, bytes], Answer]] = {
            ("GET", "requests"): self._get_requests,
            ("DELETE", "requests"): self._clear_requests,
            ("GET", "estate"): self._get_estate,
            ("POST", "estate"): self._load_estate,
            ("DELETE", "estate"): self._forget_estate,
            ("GET", "faults"): self._get_faults,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._remove_faults,
            ("GET", "clock"): self._get_clock,
            ("POST", "clock"): self._advance,
            ("GET", "site"): self._get_site,
            ("POST", "site"): self._set_site,
            ("GET", "state"): self._get_state,
            ("GET", "jobs"): self._jobs,
            ("POST", "jobs"): self._end_job,
            ("DELETE", "tokens"): self._drop_tokens,
        }

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """Status and body of the reply; a body of None is not sent."""
        name, _unused, rest = path.removeprefix("/_simulator").strip("/").partition("/")
        route = self._routes.get((method, name))
        try:
            if route is None:
                known = ", ".join(f"{m} {n}" for m, n in self._routes)
                raise AdminError(f"unknown: {method} {path}; known are {known}", 404)
            found = route(rest, body)
        except AdminError as exc:
            return exc.status, {"error": str(exc)}
        except (FaultError, estate.EstateError) as exc:
            return 400, {"error": str(exc)}
        return 204 if found is None else 200, found

    def _get_requests(self, rest: str, _body: bytes) -> Answer:
        """All entries, or with `requests/N` those after sequence number N."""
        if rest and not rest.isdecimal():
            raise AdminError("give requests/N, a sequence number")
        after = int(rest or 0)
        return {"requests": [e for e in self._state.requests.entries() if e["sequence"] > after]}

    def _clear_requests(self, _rest: str, _body: bytes) -> Answer:
        self._state.requests.clear()
        return None

    def _get_estate(self, _rest: str, _body: bytes) -> Answer:
        return estate.dump(self._state.site)

    def _load_estate(self, _rest: str, body: bytes) -> Answer:
        data = estate.parse(body)
        return {"loaded": estate.load(self._state.site, data)}

    def _forget_estate(self, _rest: str, _body: bytes) -> Answer:
        """Clear the site; users and tokens stay."""
        self._state.site.forget()
        return None

    def _get_faults(self, _rest: str, _body: bytes) -> Answer:
        return {"faults": [rule.as_dict() for rule in self._state.faults.rules]}

    def _add_faults(self, _rest: str, body: bytes) -> Answer:
        rules = self._state.faults.add_all(_parse(body))
        return {"faults": [rule.as_dict() for rule in rules]}

    def _remove_faults(self, rest: str, _body: bytes) -> Answer:
        if not rest:
            self._state.faults.clear()
        elif not self._state.faults.remove(rest):
            raise AdminError(f"fault rule {rest} does not exist", 404)
        return None

    def _get_clock(self, _rest: str, _body: bytes) -> Answer:
        clock = self._state.site.clock
        due = self._state.site.next_due()
        return {
            "now": clock.iso(),
            "epoch": clock.now(),
            "speed": clock.speed,
            "next_due_in": None if due is None else round(max(0.0, due - clock.now()), 3),
        }

    def _advance(self, rest: str, body: bytes) -> Answer:
        wanted = _object(body)
        if not wanted or set(wanted) - {"advance", "speed"} or not all(_is_amount(value) for value in wanted.values()):
            raise AdminError('give {"advance": SECONDS} or {"speed": TIMES}, numbers that are not negative')
        site = self._state.site
        site.clock.advance(wanted.get("advance", 0))
        if "speed" in wanted:
            site.clock.run_at(wanted["speed"])
        site.advance()
        return self._get_clock(rest, b"")

    def _get_site(self, _rest: str, _body: bytes) -> Answer:
        site = self._state.site
        return {"name": site.name, "up": site.up, "mode": site.down_mode}

    def _set_site(self, rest: str, body: bytes) -> Answer:
        data = _object(body)
        up, mode = data.get("up"), data.get("mode", self._state.site.down_mode)
        if not isinstance(up, bool) or mode not in ("reset", "503") or set(data) - {"up", "mode"}:
            raise AdminError('give {"up": true|false} and optionally "mode": "reset" or "503"')
        site = self._state.site
        site.come_up() if up else site.go_down(mode)
        return self._get_site(rest, b"")

    def _get_state(self, _rest: str, _body: bytes) -> Answer:
        site = self._state.site
        return {
            "name": site.name,
            "up": site.up,
            "clock": site.clock.iso(),
            "speed": site.clock.speed,
            "seed": site.seed,
            "operations": len(self._state.contract.operations),
            "handlers": len(self._state.registry.handlers),
            "problems": [*self._state.contract.problems, *self._state.registry.problems],
            "data_centers": len(site.data_centers),
            "key_pairs": len(site.key_pairs),
            "hosts": dict(Counter(str(h.status) for h in site.hosts.values())),
            "instances": dict(Counter(str(i.status) for i in site.instances.values())),
            "backups": len(site.backups),
            "jobs": dict(Counter(j.status for j in site.jobs.values())),
            "sessions": len(site.sessions),
            "requests": len(self._state.requests),
            "last_request": self._state.requests.last_sequence,
            "faults": len(self._state.faults.rules),
        }

    def _jobs(self, _rest: str, _body: bytes) -> Answer:
        now = self._state.site.clock.now_ms()
        jobs = self._state.site.jobs.values()
        return {"jobs": [{**j.as_reply(now), "step": j.step(now), "hidden": j.hidden} for j in jobs]}

    def _end_job(self, rest: str, body: bytes) -> Answer:
        """`jobs/ID` with {"status": "Completed"} or {"status": "Failed", "reason": ...}: end a running job now."""
        site = self._state.site
        if rest not in site.jobs:
            raise AdminError(f"job {rest} does not exist", 404)
        data = _object(body)
        if data.get("status") == "Failed":
            site.fail_job(rest, str(data.get("reason", "The task was set to fail.")))
        elif data.get("status") == "Completed":
            site.complete_job(rest)
        else:
            raise AdminError('give {"status": "Completed"} or {"status": "Failed", "reason": ...}')
        return {"job": site.jobs[rest].as_reply(site.clock.now_ms())}

    def _drop_tokens(self, _rest: str, _body: bytes) -> Answer:
        self._state.site.sessions.drop_all()
        return None


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        pass
    try:
        return yaml.safe_load(body)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as exc:
        raise AdminError(f"the body is neither JSON nor YAML: {exc}") from exc


def _is_amount(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, (int, float)) and 0 <= value <= 1e9


def _object(body: bytes) -> dict[str, Any]:
    data = _parse(body)
    if not isinstance(data, dict):
        raise AdminError("the body must be an object")
    return data
