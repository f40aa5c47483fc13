# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide a Chromium, its driver and a font with Chinese characters: ``browser.py`` installs what is missing, if it
can.

On Debian and Ubuntu it installs them as root with apt-get. Otherwise it lists what to install.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

from common import install_packages

PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "chromium-driver": ("chromedriver", "chromium.chromedriver"),
}
FONT = "fonts-wqy-microhei"


def find(package: str) -> str | None:
    """Return the path of a package's program, under any of its names."""
    return next((path for path in map(shutil.which, PROGRAMS[package]) if path), None)


def has_chinese() -> bool:
    listing = shutil.which("fc-list")
    return listing is not None and bool(
        subprocess.run([listing, ":lang=zh"], capture_output=True, check=False).stdout.strip()
    )


def missing() -> list[str]:
    return [package for package in PROGRAMS if not find(package)] + ([] if has_chinese() else [FONT])


def main() -> int:
    if missing():
        # The driver must be as new as the browser: an updated list offers the same version of both.
        install_packages(["fontconfig", *PROGRAMS, *missing()])
    packages = missing()
    if packages:
        print(
            f"The pages are tested in a real browser, which needs the Debian packages {', '.join(packages)}, or the "
            "same of another"
            " system. Install them, or run this as root where there is apt-get.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
