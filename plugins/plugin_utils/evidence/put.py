# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sends evidence by HTTPS: each file is a PUT to a WebDAV folder, or to an S3 bucket with signature version 4.

ansible-core has no signature for S3, and botocore would be a second, large library for the 20 lines that it takes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlsplit

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import HAS_REQUESTS

from ..procedure.record import utc_now
from .sinks import Parcel, Sink, SinkError

if HAS_REQUESTS:
    import requests

# An answer that may be another one later.
TRANSIENT = (408, 425, 429)


def put_webdav(sink: Sink, parcel: Parcel) -> None:
    """Put each file into the folder, which has to exist. Raises :class:`SinkError`."""
    with _session() as session:
        # Neither a proxy's nor a netrc file's login belongs to the sink.
        session.auth = (sink["username"], sink["password"]) if sink["username"] else _no_login
        for file in parcel.files:
            _put(session, sink, f"{sink['url'].rstrip('/')}/{quote(file.name)}", file.content, file.media_type, {})


def put_s3(sink: Sink, parcel: Parcel) -> None:
    """Put each file below the URL, which has the bucket and any prefix. Raises :class:`SinkError`."""
    with _session() as session:
        session.auth = _no_login
        for file in parcel.files:
            url = f"{sink['url'].rstrip('/')}/{quote(file.name)}"
            headers = sign(
                url,
                file.content,
                {"content-type": file.media_type},
                utc_now(),
                **{name: sink[name] for name in ("access_key", "secret_key", "region")},
            )
            _put(session, sink, url, file.content, file.media_type, headers)


def _session() -> requests.Session:
    if not HAS_REQUESTS:
        raise SinkError("The Python library requests is required but not installed", transient=False)
    return requests.Session()


def _put(
    session: requests.Session, sink: Sink, url: str, content: bytes, media_type: str, headers: Mapping[str, str]
) -> None:
    try:
        answer = session.put(
            url,
            data=content,
            headers={"Content-Type": media_type, **headers},
            verify=sink["ca_path"] or True,
            timeout=sink["timeout"],
            # The login must not follow to another server.
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise SinkError(f"PUT {url}: {error}") from None
    if not 200 <= answer.status_code < 300:
        later = answer.status_code >= 500 or answer.status_code in TRANSIENT
        raise SinkError(f"PUT {url}: {answer.status_code} {answer.reason}", transient=later)


def _no_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def sign(
    url: str,
    content: bytes,
    headers: Mapping[str, str],
    moment: datetime,
    *,
    access_key: str,
    secret_key: str,
    region: str,
) -> dict[str, str]:
    """Return the headers of a PUT to S3 with an AWS signature version 4 over all of them. Its path is quoted."""
    address, time = urlsplit(url), f"{moment:%Y%m%dT%H%M%SZ}"
    digest = hashlib.sha256(content).hexdigest()
    signed = {
        **{name.lower(): value for name, value in headers.items()},
        "host": address.netloc,
        "x-amz-content-sha256": digest,
        "x-amz-date": time,
    }
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    request = "\n".join(["PUT", address.path, address.query, lines, names, digest])
    scope = f"{time[:8]}/{region}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", time, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{secret_key}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    login = f"AWS4-HMAC-SHA256 Credential={access_key}/{scope},SignedHeaders={names},Signature={key.hex()}"
    return {**signed, "Authorization": login}
