# SPDX-License-Identifier: GPL-3.0-or-later
"""What pulls the strings: the admin API, the dashboard, fault rules, the request log."""
