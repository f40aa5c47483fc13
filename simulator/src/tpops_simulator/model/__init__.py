# SPDX-License-Identifier: GPL-3.0-or-later
"""What a site holds and how it behaves, apart from HTTP: its objects, its time, its tasks, its rules."""
