# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of data, one YAML file each, read once by the module that needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def read_table(name: str) -> Any:
    """The content of `NAME.yaml`, read by the C loader if available."""
    text = (Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
