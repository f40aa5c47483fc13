# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tpops_simulator` is the same as the `tpops-simulator` command."""

from __future__ import annotations

import sys

from .cli.command import main

if __name__ == "__main__":
    sys.exit(main())
