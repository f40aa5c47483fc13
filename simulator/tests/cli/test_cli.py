# SPDX-License-Identifier: GPL-3.0-or-later
"""The command, run as a process."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys

import pytest
import requests

COMMAND = [sys.executable, "-m", "tpops_simulator"]


def run(*arguments, **options):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TPOPS_SIMULATOR_")}
    environment |= options.pop("env", {})
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, env=environment, check=False, **options
    )


@pytest.fixture
def serve(tmp_path):
    processes = []

    def start(*arguments, env=None):
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(env or {})},
        )
        processes.append(process)
        line = process.stdout.readline()
        assert line, process.stderr.read()
        return process, json.loads(line)

    yield start
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def login(facts, password, username=None):
    with requests.Session() as session:
        session.trust_env = False
        return session.post(
            f"https://{facts['endpoint']}/rds/v3/auth/mini-token",
            json={"username": username or facts["username"], "password": password},
            verify=facts["ca_file"],
            timeout=10,
        )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_and_stop(serve, tmp_path, number):
    files = {name: tmp_path / name for name in ("pw", "port", "pid", "ca")}
    process, facts = serve(
        *("--password-file", files["pw"], "--port-file", files["port"], "--pid-file", files["pid"]),
        *("--ca-file", files["ca"], "--seed", "9", "--san", "tpops.example", "--log-level", "info"),
    )
    assert facts["port"] == int(files["port"].read_text())
    assert facts["pid"] == int(files["pid"].read_text())
    assert facts["seed"] == "9"
    assert stat.S_IMODE(files["pw"].stat().st_mode) == 0o600
    password = files["pw"].read_text().strip()
    assert login(facts, password).status_code == 200
    assert login(facts, "wrong-password").status_code == 400
    for name, status in (("tpops.example", 200), ("other.example", 403)):
        reply = requests.get(
            f"https://{facts['endpoint']}/", headers={"Host": name}, verify=facts["ca_file"], timeout=10
        )
        assert reply.status_code == status
    process.send_signal(number)
    out, err = process.communicate(timeout=15)
    assert process.returncode == 0, err
    assert password not in out + err
    assert not files["pid"].exists()
    assert not files["port"].exists()


def test_serve_while_a_process_runs(serve, tmp_path):
    """Regardless of how that one ends: nobody is left to stop the server."""
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process, facts = serve(
        *("--password-file", tmp_path / "pw", "--ca-file", tmp_path / "ca", "--while-pid", other.pid),
    )
    assert login(facts, (tmp_path / "pw").read_text().strip()).status_code == 200
    other.kill()
    other.communicate()
    _out, err = process.communicate(timeout=15)
    assert process.returncode == 0, err


def test_password_from_environment_and_read_only_user(serve, tmp_path):
    _process, facts = serve(
        *("--ca-file", tmp_path / "ca", "--read-only-user", "reader", "--peer-port", 0, "--step", "--admin"),
        env={"TPOPS_SIMULATOR_PASSWORD": "From-Env-123", "TPOPS_SIMULATOR_READ_ONLY_PASSWORD": "From-Env-456"},
    )
    assert login(facts, "From-Env-123").status_code == 200
    assert login(facts, "From-Env-456", "reader").status_code == 200
    assert login({**facts, "endpoint": facts["peer_endpoint"]}, "From-Env-123").status_code == 200


def test_the_port_file_of_an_earlier_run_is_not_used(tmp_path):
    port = tmp_path / "port"
    port.write_text("1\n")
    run(
        "serve",
        "--port",
        "0",
        "--port-file",
        str(port),
        "--estate",
        "absent",
        env={"TPOPS_SIMULATOR_PASSWORD": "Long-1-Enough"},
    )
    assert not port.exists()


def test_no_password_is_refused():
    result = run("serve", "--port", "0")
    assert result.returncode == 2
    assert "TPOPS_SIMULATOR_PASSWORD" in result.stderr
    assert "Traceback" not in result.stderr


def test_mistakes_are_reported(tmp_path):
    env = {"TPOPS_SIMULATOR_PASSWORD": "Long-Enough-1"}
    broken = tmp_path / "broken.yml"
    broken.write_text("nonsense: 1\n")
    for arguments, word in (
        (("--estate", str(broken)), "nonsense"),
        (("--estate", str(tmp_path / "absent.yml")), "No such file"),
        (("--faults", str(broken)), "nonsense"),
        (("--start", "soon"), "soon"),
        (("--read-only-user", "reader"), "--read-only-password"),
        (("--peer-estate", str(broken)), "--peer-port"),
        (("--port-file", str(tmp_path / "absent" / "port")), "absent"),
        (("--pid-file", str(tmp_path)), str(tmp_path)),
        (("--peer-port", "many"), "a number from 0 to 65535"),
        (("--speed", "fast"), "greater than 0"),
        (("--session-timeout", "-1"), "at least 1"),
    ):
        result = run("serve", "--port", "0", *arguments, env=env)
        assert result.returncode == 2, result.stderr
        assert word in result.stderr
        assert "Traceback" not in result.stderr
    result = run("serve", "--port", "0", env={"TPOPS_SIMULATOR_PASSWORD": "short"})
    assert result.returncode == 2
    assert "short" not in result.stderr.replace("8 to 32", "")


def test_help_shows_no_password():
    result = run("serve", "--help", env={"TPOPS_SIMULATOR_PASSWORD": "Do-Not-Show-1"})
    assert result.returncode == 0
    assert "examples:" in result.stdout
    assert "Do-Not-Show-1" not in result.stdout


def test_check_and_estate(tmp_path):
    result = run("check")
    assert result.stdout == "144 operations for 145 sections of the reference, 144 with a handler\n"
    assert result.returncode == 0
    file = tmp_path / "estate.yml"
    file.write_text("job_seconds: {Work: 5}\n")
    result = run("estate", str(file))
    assert result.returncode == 0
    assert "Work: 5.0" in result.stdout
    for text, words in (
        ("- 1", "must be a mapping"),
        ("hosts: 3", "hosts: wrong type"),
        ("yaml: 1", "unknown key yaml; known are agents,"),
        ("hosts: [{name: x}]", "hosts: "),
    ):
        file.write_text(text)
        result = run("estate", str(file))
        assert (result.returncode, words in result.stderr, "Traceback" in result.stderr) == (2, True, False), (
            result.stderr
        )
