# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Login (reference: 4.1)."""

from __future__ import annotations

from .operation import Call, Operation
from .shape import Attr, Shape

# Chapter 3 and section 4.1.1 have different names for the remaining days.
SESSION = Shape(
    (
        Attr("token", ("x_mini_token",)),
        Attr("user_id", doc="ID of the platform user."),
        Attr(
            "session_timeout_minutes",
            ("session_timeout",),
            kind="int",
            doc="Validity of a token in minutes.",
        ),
        Attr("password_expiration_days", kind="int", doc="Validity of a password in days."),
        Attr(
            "password_expiration_remaining_days",
            ("password_expiration_remaining_days", "password_expired_remaining_days"),
            kind="int",
            doc="Remaining validity of this password in days.",
        ),
        Attr(
            "password_expired_reminder",
            kind="bool",
            doc="Whether the platform reminds the user to change the password. Empty if it does not report this.",
        ),
        Attr("is_first_time_login", kind="bool", doc="Whether it was the first login of the user."),
        Attr("login_failed_attempts", kind="int", doc="Number of failed logins before this one."),
        Attr("login_ip", doc="Address that the login came from."),
        Attr(
            "last_login_ip", ("last_login_statistics.last_login_ip",), doc="Address that the previous login came from."
        ),
        Attr(
            "last_login_time",
            ("last_login_statistics.last_login_time",),
            doc="Time of the previous login, as the platform writes it.",
        ),
        Attr(
            "last_login_failed_ip",
            ("last_login_statistics.last_login_failed_ip",),
            doc="Address that the last failed login came from.",
        ),
        Attr(
            "last_login_failed_time",
            ("last_login_statistics.last_login_failed_time",),
            doc="Time of the last failed login, as the platform writes it.",
        ),
    )
)

# A login counts as a read: it changes no managed object, and check mode needs one.
CREATE_TOKEN = Operation(
    "create_token", "POST", "/v3/auth/mini-token", "4.1.1", read=True, shape=SESSION, anonymous=True
)


def create_token(username: str, password: str) -> Call:
    """Get a token for a platform user."""
    return CREATE_TOKEN.call(body={"username": username, "password": password})
