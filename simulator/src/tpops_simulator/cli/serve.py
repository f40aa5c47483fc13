# SPDX-License-Identifier: GPL-3.0-or-later
"""What `tpops-simulator serve` does: build site, certificate and server from the options."""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import secrets
import shutil
import string
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import yaml

from .. import chapters, contract
from ..admin.faults import FaultError
from ..http import tls
from ..http.app import Simulator
from ..http.server import Server, ServerGroup
from ..model import estate
from ..model.clock import Clock
from ..model.site import Site
from .errors import CommandError

PASSWORD_VARIABLE = "TPOPS_SIMULATOR_PASSWORD"
READ_ONLY_VARIABLE = "TPOPS_SIMULATOR_READ_ONLY_PASSWORD"


def serve(options: argparse.Namespace) -> int:
    """Run until a signal ends it; returns the exit status."""
    logging.basicConfig(level=options.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    password, read_only_password = _password(options), _read_only_password(options)
    if options.peer_estate and options.peer_port is None:
        raise CommandError("--peer-estate needs --peer-port")
    _forget_files(options)
    clock = Clock(0 if options.step else options.speed, start=_start(options.start))
    seed = options.seed if options.seed is not None else secrets.token_hex(4)
    merged = contract.load()
    registry = chapters.load(merged.operations)
    simulators: list[Simulator] = []
    for suffix, estate_file in _sites(options):
        site = Site(
            name=options.name + suffix, seed=seed + suffix, clock=clock, session_timeout=options.session_timeout
        )
        site.add_user(options.username, password)
        if options.read_only_user:
            site.add_user(options.read_only_user, read_only_password or "", read_only=True)
        simulator = Simulator(
            site,
            contract=merged,
            registry=registry,
            validate_replies=not options.no_validate_replies,
            admin=options.admin,
            names=[*options.san, options.host],
        )
        _fill(simulator, estate_file, options.faults)
        simulators.append(simulator)
    if len(simulators) == 2:
        simulators[0].site.link(simulators[1].site)
    # Objects from the start stay: the collector does not have to scan thousands of hosts during a request.
    gc.collect()
    gc.freeze()
    temporary = None if options.tls_dir else Path(tempfile.mkdtemp(prefix="tpops-simulator-"))
    try:
        return _listen(options, simulators, options.tls_dir or temporary, seed)
    finally:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)
        _forget_files(options)


def _forget_files(options: argparse.Namespace) -> None:
    """Remove port file and PID file: a waiting process must not find those of an earlier run."""
    for path in (options.port_file, options.pid_file):
        if path is None:
            continue
        try:
            path.unlink(missing_ok=True)
        except OSError as exc:
            raise CommandError(f"{path}: {exc.strerror}") from exc
        if not path.parent.is_dir():
            raise CommandError(f"{path}: {path.parent} is not a folder")


def _sites(options: argparse.Namespace) -> list[tuple[str, Path | None]]:
    first = ("", options.estate)
    return [first] if options.peer_port is None else [first, ("-peer", options.peer_estate)]


def _listen(options: argparse.Namespace, simulators: Sequence[Simulator], tls_dir: Path, seed: str) -> int:
    try:
        files = tls.ensure(tls_dir, [*options.san, *([options.host] if options.host not in ("0.0.0.0", "::") else [])])
        ca_file = files.ca
        if options.ca_file:
            options.ca_file.write_bytes(files.ca.read_bytes())
            ca_file = options.ca_file
    except (OSError, ValueError) as exc:
        raise CommandError(f"cannot create the certificate: {exc}") from exc
    servers: list[Server] = []
    for simulator, port in zip(simulators, (options.port, options.peer_port), strict=False):
        try:
            servers.append(Server(simulator, files, host=options.host, port=port, log_level=options.log_level))
        except OSError as exc:
            raise CommandError(f"cannot listen on {options.host} port {port}: {exc.strerror or exc}") from exc

    def announce() -> None:
        first = servers[0]
        facts = {
            "endpoint": first.endpoint,
            "port": first.port,
            "pid": os.getpid(),
            "ca_file": str(ca_file.absolute()),
            "username": options.username,
            "seed": seed,
            "admin": options.admin,
        }
        if len(servers) > 1:
            facts |= {"peer_endpoint": servers[1].endpoint, "peer_port": servers[1].port}
        if options.pid_file:
            _write_whole(options.pid_file, f"{os.getpid()}\n")
        if options.port_file:
            _write_whole(options.port_file, f"{first.port}\n")
        print(json.dumps(facts), flush=True)

    ServerGroup(servers).run(announce, options.while_pid)
    return 0


def _fill(simulator: Simulator, estate_file: Path | None, faults_file: Path | None) -> None:
    try:
        if estate_file:
            estate.load(simulator.site, estate.read(estate_file))
    except estate.EstateError as exc:
        raise CommandError(str(exc)) from exc
    if not faults_file:
        return
    try:
        simulator.faults.add_all(yaml.safe_load(faults_file.read_bytes()) or [])
    except OSError as exc:
        raise CommandError(f"{faults_file}: {exc.strerror}") from exc
    except (yaml.YAMLError, UnicodeDecodeError, FaultError) as exc:
        raise CommandError(f"{faults_file}: {exc}") from exc


def _password(options: argparse.Namespace) -> str:
    """From the option, the environment or the file; generated and written to the file if that does not exist yet."""
    given = getattr(options, "password", None) or os.environ.get(PASSWORD_VARIABLE)
    if given:
        return _acceptable(given, "the password")
    path: Path | None = options.password_file
    if path is None:
        raise CommandError(
            f"no password: set {PASSWORD_VARIABLE}, or give --password-file FILE (if it does not exist, a random "
            "password is written to it)"
        )
    try:
        if path.exists():
            return _acceptable(path.read_text(encoding="utf-8").strip(), f"the password in {path}")
        made = _random_password()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(made + "\n")
        return made
    except (OSError, UnicodeDecodeError) as exc:
        raise CommandError(f"--password-file {path}: {getattr(exc, 'strerror', exc)}") from exc


def _read_only_password(options: argparse.Namespace) -> str | None:
    given = getattr(options, "read_only_password", None) or os.environ.get(READ_ONLY_VARIABLE)
    if options.read_only_user and not given:
        raise CommandError(f"--read-only-user needs --read-only-password or {READ_ONLY_VARIABLE}")
    return _acceptable(given, "the read-only password") if given else None


def _acceptable(password: str, what: str) -> str:
    if not 8 <= len(password) <= 32:
        raise CommandError(f"{what} must have 8 to 32 characters, as the login requires")
    return password


def _random_password() -> str:
    alphabet = string.ascii_letters + string.digits
    while True:
        made = "".join(secrets.choice(alphabet) for _unused in range(24))
        if any(c.islower() for c in made) and any(c.isupper() for c in made) and any(c.isdigit() for c in made):
            return made


def _start(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise CommandError(f"--start {text}: {exc}") from exc
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _write_whole(path: Path, text: str) -> None:
    """Write the file atomically: another process may be waiting for it to appear."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text)
        temporary.replace(path)
    except OSError as exc:
        print(f"tpops-simulator: cannot write {path}: {exc.strerror}", file=sys.stderr)
