# SPDX-License-Identifier: GPL-3.0-or-later
"""The content and behaviour of a site, apart from HTTP: its objects, time, tasks and rules."""
