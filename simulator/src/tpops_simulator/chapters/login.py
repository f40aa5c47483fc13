# SPDX-License-Identifier: GPL-3.0-or-later
"""4.1 login."""

from __future__ import annotations

from ..model.errors import ApiError
from ..model.request import Reply, Request
from ..model.site import Site

PASSWORD_DAYS = 180


def create_token(site: Site, request: Request) -> Reply:
    """4.1.1. The statistics are those from before this login."""
    user = site.sessions.check_password(request.body["username"], request.body["password"], request.client_ip)
    if user is None:
        raise ApiError("DBS.200029")
    clock = site.clock
    days_left = max(0, PASSWORD_DAYS - int((clock.now() - user.password_set) // 86400))
    token = site.sessions.open(user)
    body = {
        "user_id": user.id,
        "login_ip": request.client_ip,
        "is_first_time_login": user.last_login is None,
        "login_failed_attempts": user.failed_attempts,
        "last_login_statistics": {
            "last_login_ip": user.last_login[0] if user.last_login else None,
            "last_login_time": clock.iso(user.last_login[1]) if user.last_login else "",
            "last_login_failed_ip": user.last_failure[0] if user.last_failure else None,
            "last_login_failed_time": clock.iso(user.last_failure[1]) if user.last_failure else "",
        },
        "session_timeout": site.sessions.timeout_minutes,
        "password_expiration_days": PASSWORD_DAYS,
        "password_expiration_remaining_days": days_left,
        "password_expired_reminder": days_left <= 7,
        "x_mini_token": token,
    }
    user.last_login = (request.client_ip, clock.now())
    user.failed_attempts = 0
    return Reply(body, headers={"X-Mini-Token": token})
