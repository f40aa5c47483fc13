# SPDX-License-Identifier: GPL-3.0-or-later
"""The `tpops-simulator` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .. import __version__
from .errors import CommandError

_SERVE_EXAMPLES = """
examples:
  A site on a free port, its clock sixty times as fast as the real one:
    TPOPS_SIMULATOR_PASSWORD=... tpops-simulator serve --port 0 --port-file tpops.port --ca-file tpops-ca.pem --speed 60

  For a pipeline: random password in a file, an estate to begin with, faults and the clock under the pipeline's control:
    tpops-simulator serve --password-file pw --estate estate.yml --faults faults.yml --step --seed 42 --admin

  Two data centers for disaster recovery, on one clock:
    tpops-simulator serve --password-file pw --port 8002 --peer-port 8003 --speed 60

The first line on standard output is a JSON object with the endpoint, the port and the files that a client needs. The
process ends with status 0 on SIGTERM and SIGINT, and when the process named by --while-pid has ended.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except CommandError as exc:
        print(f"tpops-simulator: {exc}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tpops-simulator", description="An HTTPS server that behaves like a GaussDB management platform (TPOPS)."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_serve(commands)
    check = commands.add_parser(
        "check",
        help="check the contract and its handlers",
        description="Check that the contract files are consistent and valid OpenAPI; list missing handlers.",
    )
    check.add_argument("--complete", action="store_true", help="treat an operation without a handler as an error")
    check.set_defaults(run=_check)
    estate = commands.add_parser(
        "estate",
        help="check an estate file and print it",
        description="Load an estate file into an empty site and print the content of the site as an estate file.",
    )
    estate.add_argument("file", type=Path, metavar="FILE")
    estate.add_argument("--quiet", action="store_true", help="only check")
    estate.set_defaults(run=_estate)
    return parser


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser(
        "serve",
        help="run a site",
        description="Run one simulated TPOPS site (or two linked ones) over HTTPS.",
        epilog=_SERVE_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    net = serve.add_argument_group("network")
    net.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    net.add_argument("--port", type=_port, default=8002, help="port, 0 for a free one (default: %(default)s)")
    net.add_argument("--peer-port", type=_port, metavar="PORT", help="run a second, linked site on this port")
    net.add_argument(
        "--tls-dir", type=Path, metavar="DIR", help="folder for the certificates (default: a temporary one)"
    )
    net.add_argument("--san", action="append", default=[], metavar="NAME", help="additional name for the certificate")
    net.add_argument(
        "--ca-file", type=Path, metavar="FILE", help="write the CA certificate to this file, for clients to trust"
    )
    net.add_argument(
        "--port-file",
        type=Path,
        metavar="FILE",
        help="write the port to this file once connections are accepted, remove the file at the end",
    )
    net.add_argument(
        "--pid-file", type=Path, metavar="FILE", help="write the process ID to this file, remove the file at the end"
    )
    net.add_argument("--while-pid", type=_positive_int, metavar="PID", help="end when this process has ended")

    users = serve.add_argument_group("users")
    users.add_argument("--username", default="admin", help="name of the administrator (default: %(default)s)")
    users.add_argument(
        "--password",
        default=argparse.SUPPRESS,
        help="the administrator's password; other users of this machine can see it in the process list, so better set "
        "the environment variable TPOPS_SIMULATOR_PASSWORD or use --password-file",
    )
    users.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="read the password from this file; if it does not exist, create it with a random password (mode 0600)",
    )
    users.add_argument("--read-only-user", metavar="NAME", help="a second, read-only user")
    users.add_argument(
        "--read-only-password",
        default=argparse.SUPPRESS,
        metavar="PASSWORD",
        help="the password of that user (or set TPOPS_SIMULATOR_READ_ONLY_PASSWORD)",
    )
    users.add_argument(
        "--session-timeout",
        type=_positive_int,
        default=1440,
        metavar="MINUTES",
        help="simulated minutes without use after which a token expires (default: %(default)s)",
    )

    time = serve.add_argument_group("time and randomness")
    pace = time.add_mutually_exclusive_group()
    pace.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="N",
        help="simulated seconds per real second (default: %(default)g)",
    )
    pace.add_argument("--step", action="store_true", help="time stands still until the admin API advances it")
    time.add_argument(
        "--start", metavar="TIME", help="simulated time at the start (default: now; with --step 2026-01-01)"
    )
    time.add_argument(
        "--seed",
        help="seed that makes IDs and random results reproducible (default: a new one each time, printed at the start)",
    )

    content = serve.add_argument_group("content and behaviour")
    content.add_argument("--name", default="site", help="name of the site, for its page (default: %(default)s)")
    content.add_argument("--estate", type=Path, metavar="FILE", help="load this estate (YAML) at the start")
    content.add_argument("--peer-estate", type=Path, metavar="FILE", help="load this estate into the second site")
    content.add_argument("--faults", type=Path, metavar="FILE", help="activate these fault rules (YAML) at the start")
    content.add_argument(
        "--admin", action="store_true", help="turn on the admin API below /_simulator/; it needs no token"
    )
    content.add_argument(
        "--no-validate-replies", action="store_true", help="do not validate replies against the contract"
    )
    content.add_argument(
        "--log-level", choices=("debug", "info", "warning", "error"), default="warning", help="default: %(default)s"
    )
    serve.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    from .serve import serve

    return serve(options)


def _check(options: argparse.Namespace) -> int:
    from .check import check

    report = check()
    for problem in report.problems:
        print(f"problem: {problem}")
    for operation_id in report.missing:
        print(f"no handler: {operation_id}")
    handled = report.operations - len(report.missing)
    print(f"{report.operations} operations for {report.sections} sections of the reference, {handled} with a handler")
    return 1 if report.problems or (options.complete and report.missing) else 0


def _estate(options: argparse.Namespace) -> int:
    import yaml

    from ..model import estate
    from ..model.clock import Clock
    from ..model.site import Site

    site = Site(clock=Clock(0))
    try:
        counts = estate.load(site, estate.read(options.file))
    except estate.EstateError as exc:
        raise CommandError(str(exc)) from exc
    if not options.quiet:
        yaml.safe_dump(estate.dump(site), sys.stdout, allow_unicode=True, sort_keys=False)
    print(", ".join(f"{key}: {count}" for key, count in counts.items()) or "an empty estate", file=sys.stderr)
    return 0


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= 65535):
        raise argparse.ArgumentTypeError("must be a number from 0 to 65535")
    return int(text)


def _positive_int(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError("must be a whole number, at least 1")
    return int(text)


def _speed(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value <= 1e6:
        raise argparse.ArgumentTypeError("must be greater than 0 and at most 1000000 (use --step to stop the clock)")
    return value
