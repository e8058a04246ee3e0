"""Keep modules that a library imports and that we never reach out of memory until somebody does reach them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


class _Postponed(ModuleType):
    """Stands in for a module and imports it when the first of its names is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the import system asks for: no use of the module
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def postponed(*names: str) -> Iterator[None]:
    """While this lasts, `import name` binds a stand-in for each of the modules that is not imported yet.

    A parent package must be named before its submodules. Afterwards the modules can be imported as ever.
    """
    stand_ins = {name: _Postponed(name) for name in names if name not in sys.modules}
    for name, stand_in in stand_ins.items():
        parent, _, child = name.rpartition(".")
        if parent in stand_ins:
            setattr(stand_ins[parent], child, stand_in)
        sys.modules[name] = stand_in
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
