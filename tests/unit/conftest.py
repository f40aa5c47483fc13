# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures of the unit tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.http import token_cache
from ansible_collections.gaussdb.tpops.tests.unit.support import (
    FakeClock,
    RawServer,
    ScriptedServer,
    TlsFiles,
    make_tls,
)

PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the machine's own settings, and its user's token cache, out of the tests."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("ANSIBLE_HOME", str(tmp_path / "ansible-home"))
    monkeypatch.delenv(token_cache.RUN_VARIABLE, raising=False)
    monkeypatch.delenv(token_cache.RUN_DIRECTORY, raising=False)
    monkeypatch.setattr(token_cache, "_FAILURES", {})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    return make_tls(tmp_path_factory.mktemp("tls"), "right")


@pytest.fixture(scope="session")
def other_tls(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    """An unrelated CA, and a certificate for another host."""
    return make_tls(tmp_path_factory.mktemp("tls"), "other", ("elsewhere.example",))


@pytest.fixture
def server(tls: TlsFiles) -> Iterator[ScriptedServer]:
    running = ScriptedServer(tls)
    yield running
    running.stop()


@pytest.fixture
def make_server(tls: TlsFiles) -> Iterator[Callable[..., ScriptedServer]]:
    """Start more servers; all are stopped at the end."""
    running: list[ScriptedServer] = []

    def start(files: TlsFiles | None = None, use_tls: bool = True) -> ScriptedServer:
        running.append(ScriptedServer(files or tls, use_tls))
        return running[-1]

    yield start
    for each in running:
        each.stop()


@pytest.fixture
def make_raw_server(tls: TlsFiles) -> Iterator[Callable[..., RawServer]]:
    """Start servers that violate HTTP; all are stopped at the end."""
    running: list[RawServer] = []

    def start(talk: Callable[[Any], None], use_tls: bool = True) -> RawServer:
        running.append(RawServer(tls if use_tls else None, talk))
        return running[-1]

    yield start
    for each in running:
        each.stop()
