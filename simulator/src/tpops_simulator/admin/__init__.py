# SPDX-License-Identifier: GPL-3.0-or-later
"""The controls of the simulator: the admin API, the dashboard, fault rules, the request log."""
