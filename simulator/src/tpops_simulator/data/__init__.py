# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of data, one YAML file each. Whoever needs one reads it once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def read_table(name: str) -> Any:
    """What `NAME.yaml` says; read by the loader in C, if there is one."""
    text = (Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
