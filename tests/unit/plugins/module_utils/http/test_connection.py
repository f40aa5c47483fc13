# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The connection options are checked before anything is sent."""

from __future__ import annotations

import contextlib
import os
import random
import re
from pathlib import Path

import pytest
import requests
import urllib3

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.connection import Connection, sendable
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("tpops.example.com", "tpops.example.com:8002"),
        ("TPOPS.example.com:443", "tpops.example.com:443"),
        (" https://10.0.0.1:8002/ ", "10.0.0.1:8002"),
        ("HTTPS://10.0.0.1", "10.0.0.1:8002"),
        ("https://10.0.0.1:8002/rds/", "10.0.0.1:8002"),
        ("[2001:DB8::1]:9000", "[2001:db8::1]:9000"),
        ("https://[::1]", "[::1]:8002"),
        ("2001:db8::1", "[2001:db8::1]:8002"),
        ("[fe80::1%eth0]:1", "[fe80::1%eth0]:1"),
        ("[fe80::1%25eth0]:1", "[fe80::1%eth0]:1"),
        ("[::FFFF:10.0.0.1]:1", "[::ffff:10.0.0.1]:1"),
        ("tpops.example.com.", "tpops.example.com:8002"),
        ("tpops.example.com.:443", "tpops.example.com:443"),
        ("tpops_1", "tpops_1:8002"),
        ("xn--tpps-5qa.example", "xn--tpps-5qa.example:8002"),
    ],
)
def test_endpoints(endpoint: str, address: str) -> None:
    connection = Connection(endpoint)
    assert connection.address == address
    assert connection.url == f"https://{address}/rds"


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://10.0.0.1:8002",
        "ftp://10.0.0.1",
        "",
        None,
        ":8002",
        "host:",
        "host:0",
        "host:65536",
        "host:port",
        "host:٣",
        "host name:1",
        "host:8002/path",
        "https://host/?q=1",
        "[::1",
        "[::1]8002",
        "[host]:1",
        "https://",
        "::1:36259",
        "1:2:3",
        "[::1%]:1",
        "[::1%eth0%eth1]:1",
        "[1.2.3.4]:1",
        "1.2.3",
        "1.2.3.256",
        "host..name",
        ".host",
        "host..",
        "-host",
        "*",
        "a" * 64,
        "a." * 127 + "a",
        "t\u00f6pops.example",
        "\u4e2d\u6587:1",
        "host:\uff18\uff10",
        "host:" + "9" * 5000,
        "ho\tst",
        "host\0",
        "\ud800",
        "https://https://host",
    ],
)
def test_bad_endpoints_name_the_option(endpoint: str) -> None:
    with pytest.raises(InputError) as caught:
        Connection(endpoint)
    assert caught.value.option == "endpoint"
    assert "endpoint" in str(caught.value)


def test_missing_endpoint_says_how_to_give_it() -> None:
    for endpoint in (None, "", " "):
        with pytest.raises(InputError) as caught:
            Connection(endpoint)  # type: ignore[arg-type]
        assert {"endpoint", "GAUSSDB_TPOPS_ENDPOINT", "tpops_endpoint"} <= set(
            re.findall(r"\w+", caught.value.as_result()["msg"])
        )


def test_any_text_is_an_address_or_refused() -> None:
    """Accepted addresses are also valid, and the same, for the HTTP library."""
    parts = [
        "::1",
        ":",
        "36259",
        "8002",
        "[",
        "]",
        "%",
        "eth0",
        "host",
        ".",
        "-",
        "_",
        "@",
        "user:pw@",
        "/",
        "/rds",
        "https://",
        "?",
        "#",
        " ",
    ]
    parts += [
        "\t",
        "\n",
        "\0",
        "\u00fc",
        "\uff18",
        "xn--",
        "a" * 63,
        "10.0.0.1",
        "1.2.3",
        "0x7f",
        "fe80::1",
        "*",
        "\ud800",
        "99999",
        "%25",
        "\\",
    ]
    chance = random.Random(8)
    accepted = set()
    for _number in range(5_000):
        text = "".join(chance.choices(parts, k=chance.randint(1, 5)))
        with contextlib.suppress(InputError):
            accepted.add(Connection(text).address)
    assert len(accepted) > 50
    for address in accepted:
        url = requests.Request("GET", f"https://{address}/rds/v3/x").prepare().url
        found = urllib3.util.parse_url(url)
        assert f"{found.host}:{found.port}".replace("%25", "%") == address


def test_password_in_an_endpoint_is_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        Connection("https://admin:Hidden_1@host:8002")
    assert "Hidden_1" not in str(caught.value)


def test_secrets_are_not_in_repr() -> None:
    text = repr(Connection("host", "admin", "Hidden_1", "TOKEN123"))
    assert "Hidden_1" not in text and "TOKEN123" not in text and "admin" in text


@pytest.mark.parametrize(
    ("option", "value"), [("timeout", 0), ("retries", -1), ("busy_timeout", -1), ("ca_path", "/nowhere/ca.pem")]
)
def test_bad_values_name_the_option(option: str, value: object) -> None:
    with pytest.raises(InputError, match=option) as caught:
        Connection("host", **{option: value})
    assert caught.value.option == option


def test_ca_path_is_a_file_that_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Connection("host", ca_path=str(tmp_path)).verify == str(tmp_path)
    for path, problem in (("/dev/zero", "is not a file"), (str(tmp_path / "a\0b"), "does not exist")):
        with pytest.raises(InputError, match=problem) as caught:
            Connection("host", ca_path=path)
        assert caught.value.option == "ca_path"
    monkeypatch.setattr(os, "access", lambda *_args: False)
    with pytest.raises(InputError, match="permission denied"):
        Connection("host", ca_path=str(tmp_path))


def test_tokens() -> None:
    assert Connection("host", token=" abc\n").token == "abc"
    assert Connection("host", token=" ").token is None
    with pytest.raises(InputError) as caught:
        Connection("host", token="abc\ndef")
    assert caught.value.option == "token" and "abc" not in str(caught.value)
    assert sendable("MIIPAg+/=") and not sendable("") and not sendable("tökén")


def test_credentials_need_both() -> None:
    assert Connection("host", "u", "p").has_credentials
    assert not Connection("host", "u").has_credentials
    assert not Connection("host", password="p").has_credentials


def test_what_the_certificate_is_checked_against(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs = tmp_path / "mine.pem", tmp_path / "theirs.pem"
    mine.touch()
    theirs.touch()
    assert Connection("host").verify is True
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    assert Connection("host").verify is True
    monkeypatch.setenv("CURL_CA_BUNDLE", str(theirs))
    assert Connection("host").verify == str(theirs)
    assert Connection("host", ca_path=str(mine)).verify == str(mine)
    assert Connection("host", ca_path=str(mine), validate_certs=False).verify is False


def test_home_in_ca_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ca.pem").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Connection("host", ca_path="~/ca.pem").ca_path == str(tmp_path / "ca.pem")
