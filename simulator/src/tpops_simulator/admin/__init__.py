# SPDX-License-Identifier: GPL-3.0-or-later
"""What pulls the strings: the admin API, the page, fault rules, the request log."""
