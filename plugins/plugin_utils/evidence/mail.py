# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sends evidence as a mail with the files attached. ansible-core has no module for mail."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from .sinks import Parcel, Sink, SinkError

PORTS = {"starttls": 587, "tls": 465, "none": 25}


def send_mail(sink: Sink, parcel: Parcel) -> None:
    """Send one mail. Raises :class:`SinkError`."""
    host, port = sink["host"], sink["port"] or PORTS[sink["security"]]
    try:
        context = ssl.create_default_context(cafile=sink["ca_path"])
        if sink["security"] == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=sink["timeout"], context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=sink["timeout"])
        with server:
            if sink["security"] == "starttls":
                server.starttls(context=context)
            if sink["username"]:
                server.login(sink["username"], sink["password"])
            server.send_message(build_mail(sink, parcel))
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        # Answers from 500 on are final.
        raise SinkError(f"{host}:{port}: {error.smtp_code} {text}", transient=error.smtp_code < 500) from None
    except (OSError, smtplib.SMTPException) as error:
        raise SinkError(f"{host}:{port}: {error}") from None


def build_mail(sink: Sink, parcel: Parcel) -> EmailMessage:
    """Return the mail: a line for each file with its digest, and the files themselves."""
    mail = EmailMessage()
    # Only one line can be a subject.
    mail["Subject"] = " ".join(parcel.about.split())
    mail["From"] = sink["sender"]
    mail["To"] = ", ".join(sink["to"])
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain=sink["sender"].rpartition("@")[2].strip(" >") or None)
    digests = [f"SHA-256 of {file.name}: {hashlib.sha256(file.content).hexdigest()}" for file in parcel.files]
    mail.set_content("\n".join([parcel.about, "", *parcel.lines, *digests, ""]))
    for file in parcel.files:
        kind, _slash, more = file.media_type.partition("/")
        mail.add_attachment(file.content, maintype=kind, subtype=more, filename=file.name)
    return mail
