# SPDX-License-Identifier: GPL-3.0-or-later
"""One module per chapter; a function named like an operationId handles that operation."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..model.request import Reply, Request
from ..model.site import Site

Handler = Callable[[Site, Request], "dict[str, Any] | list[Any] | Reply | None"]


@dataclass
class Registry:
    """The handlers by operationId, and the modules that could not be loaded."""

    handlers: dict[str, Handler] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def load(operation_ids: Iterable[str]) -> Registry:
    """Import every chapter module and pick the functions named like an operation.

    A module that cannot be imported is reported in `problems`; its operations then reply 501.
    """
    wanted = set(operation_ids)
    registry = Registry()
    for info in pkgutil.iter_modules(__path__):
        if info.name.startswith("_"):
            continue
        try:
            module = importlib.import_module(f"{__name__}.{info.name}")
        except Exception as exc:
            registry.problems.append(f"chapters/{info.name}.py cannot be imported: {type(exc).__name__}: {exc}")
            continue
        for name, function in inspect.getmembers(module, inspect.isfunction):
            # Only what the module defines itself: a helper imported from another chapter is not its handler.
            if name not in wanted or function.__module__ != module.__name__:
                continue
            if name in registry.handlers:
                registry.problems.append(f"{name} is defined in two chapters")
                continue
            registry.handlers[name] = function
    return registry
