"""Installs the agent: its records, and its hooks on each library as soon as that has been imported."""

import importlib
import sys

from . import records

#: The modules that are hooked, and the module of the agent whose ``patch`` does it.
HOOKS = {
    "multiprocessing.process": "processes",
    "multiprocessing.pool": "pool",
    "concurrent.futures.process": "executor",
}


def install(directory, parent=True):
    """Begins to record into ``directory``, and hooks what ``HOOKS`` names. ``parent`` says that this is the process that
    makes the pools."""
    records.begin(directory, parent)
    for name in HOOKS:
        if name in sys.modules:
            _hook(sys.modules[name])
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _hook(module):
    importlib.import_module("." + HOOKS[module.__name__], __package__).patch(module)


class _Finder:
    """Finds no module itself: has those that are hooked found by the others, and their loaders hook them."""

    def find_spec(self, name, path=None, target=None):
        if name not in HOOKS:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None and finder is not self else None
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader)
                return spec
        return None


class _Loader:
    """Loads a module as its own loader does, gives it that loader back, and hooks it."""

    def __init__(self, loader):
        self.loader = loader

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        module.__loader__ = module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        _hook(module)
