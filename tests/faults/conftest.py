# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's plugins for the templates of the examples, loaded before anything of the collection is."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Both have to be there before ansible and the collection are imported for the first time.
os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(ROOT / "build" / "collections")
os.environ["ANSIBLE_DEPRECATION_WARNINGS"] = "false"

from ansible.plugins.loader import init_plugin_loader  # noqa: E402

init_plugin_loader()
