# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A real headless Chromium, and its measurements of a page."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import browser as programs  # noqa: E402

SHOTS = ROOT / "build" / "browser"
FLAGS = (
    "headless",
    "no-sandbox",
    "disable-gpu",
    "disable-quic",
    "disable-dev-shm-usage",
    "no-first-run",
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
    "hide-scrollbars",
)
# A4 without its margins, at 96 dots per inch.
PAPER = 688

CUT_OFF = """
const wide = document.documentElement.clientWidth + 1, found = [];
for (const each of document.body.querySelectorAll("*")) {
  const box = each.getBoundingClientRect();
  if (box.width === 0 || each.closest(".wide")) continue;
  const own = [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  const name = each.tagName + " " + each.textContent.trim().slice(0, 40);
  if (box.left < -1 || box.right > wide) found.push("outside the page: " + name);
  const spills = each.clientWidth && each.scrollWidth > each.clientWidth + 1;
  if (own && !(each instanceof SVGElement) && spills) found.push("too wide: " + name);
  const drawing = each instanceof SVGGraphicsElement && each.ownerSVGElement;
  if (drawing) {
    const frame = drawing.getBoundingClientRect();
    if (box.left < frame.left - 1 || box.right > frame.right + 1
      || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
      found.push("outside its drawing: " + name);
  }
}
return found;
"""


# Names from the platform and text to type are not in any language.
TEXTS = """
const body = document.body.cloneNode(true);
body.querySelectorAll(".id, .alarm").forEach(each => each.remove());
const nodes = [...body.querySelectorAll("*")].flatMap(each => [...each.childNodes]);
return nodes.filter(node => node.nodeType === 3).map(node => node.data.trim());
"""


class Browser:
    """One Chromium for all tests; every page starts with an empty log."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, address: str) -> None:
        self.size(1100)
        self.driver.get_log("browser"), self.driver.get_log("performance")
        self.driver.get(address)

    def size(self, width: int, media: str = "") -> None:
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})
        metrics = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def ask(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Return the addresses of all requests since the page was opened."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        found = [
            event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"
        ]
        return [address for address in found if not address.startswith("data:")]

    def english(self) -> list[str]:
        """Return the texts with words in English, one after another."""
        return [text for text in self.ask(TEXTS) if re.search(r"\b[A-Za-z]?[a-z]{2,} [a-z]{2,}\b", text)]

    def cut_off(self, width: int, media: str = "") -> list[str]:
        """Return the elements that do not fit on a page of this width."""
        self.size(width, media)
        return list(self.ask(CUT_OFF))

    def shoot(self, name: str) -> None:
        """Save a screenshot of the whole page, on a screen, on a phone, and on paper, to build/browser for review."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        for width, suffix in ((1100, ""), (420, "-phone")):
            self.size(width)
            picture = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
            (SHOTS / f"{name}{suffix}.png").write_bytes(base64.b64decode(picture["data"]))

    def print(self, name: str) -> int:
        """Print it on A4 into build/browser, and return the number of pages."""
        printed = self.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
        content = base64.b64decode(printed["data"])
        (SHOTS / f"{name}.pdf").write_bytes(content)
        return len(re.findall(rb"/Type\s*/Page\b", content))


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(programs.find("chromium"))
    for flag in (*FLAGS, f"user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(f"--{flag}")
    options.accept_insecure_certs = True
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(programs.find("chromium-driver"))))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
