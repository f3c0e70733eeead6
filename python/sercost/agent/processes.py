"""The agent's hooks on ``multiprocessing.Process``."""

import signal
from _thread import get_ident
from time import perf_counter_ns as now

from . import records
from .hooks import in_place_of, once
from .layout import BOOT, EXIT, START, TERMINATE
from .records import own_recorder

#: When this process began to run what its parent gave it.
_bootstrap_ns = 0
#: The loading of what it was given.
_loading = _loaded = _reading = _size = 0
#: By thread, the writing of what a process is given that is being started: entered, returned, bytes.
_handed = {}


def patch(process):
    """Hooks the start and the end of every child process."""
    if not once(process):
        return
    base = process.BaseProcess
    start, bootstrap, join = base.start, base._bootstrap, base.join
    terminate, kill = base.terminate, base.kill

    def traced_start(self):
        # It is gone once the process has started.
        target = getattr(self, "_target", None)
        is_worker = any(target is function for function in worker_functions)
        _handed.pop(get_ident(), None)
        began = now()
        start(self)
        ended = now()
        encoding, encoded, size = _handed.pop(get_ident(), (0, 0, 0))
        own_recorder().write(START, self.pid, began, ended, int(is_worker), encoding, encoded, size)

    def traced_bootstrap(self, *args, **kwargs):
        global _bootstrap_ns
        _bootstrap_ns = now()
        return bootstrap(self, *args, **kwargs)

    def traced_join(self, *args, **kwargs):
        result = join(self, *args, **kwargs)
        code = self._popen.returncode if self._popen is not None else None
        if code is not None and not getattr(self, "_sercost_ended", False):
            self._sercost_ended = True
            own_recorder().write(EXIT, self.pid, code, now())
            told = getattr(self, "_sercost_told", 0)
            # An executor that finds a worker killed ends all of them, and may find that one not quite gone.
            if lost is not None and code != 0 and (not told or code == -signal.SIGKILL != told):
                lost(self.pid, code)
        return result

    def told(original, number):
        def ending(self):
            # The dead one is not told to end, as long as it is known to be dead.
            if self._popen is not None and self._popen.poll() is None:
                self._sercost_told = -number
                own_recorder().write(TERMINATE, self.pid, now())
            return original(self)

        return in_place_of(original, ending)

    _patch_handing()
    base.start = in_place_of(start, traced_start)
    base._bootstrap = in_place_of(bootstrap, traced_bootstrap)
    base.join = in_place_of(join, traced_join)
    base.terminate = told(terminate, signal.SIGTERM)
    base.kill = told(kill, signal.SIGKILL)


#: The functions that the workers of pools and executors run.
worker_functions = []

#: Called with the number and the exit code of a child process that ended by itself and not well.
lost = None


def boot(entered):
    own_recorder().write(BOOT, records.ready_ns, _bootstrap_ns, entered, _loading, _loaded, _reading, _size)


def _patch_handing():
    """Hooks the writing and the loading of what a process is given at its start, with spawn and forkserver."""
    from multiprocessing import reduction

    dump, pickle = reduction.dump, reduction.pickle

    def traced_dump(obj, file, protocol=None):
        began = now()
        dump(obj, file, protocol)
        # What prepares the process is written before the process itself.
        first, _, _ = _handed.get(get_ident(), (began, 0, 0))
        _handed[get_ident()] = first, now(), file.tell()

    class Loading:
        """Stands in for the module pickle where a new process loads what it is given."""

        def __getattr__(self, name):
            return getattr(pickle, name)

        def load(self, file, *args, **kwargs):
            global _loading, _loaded, _reading, _size
            counted = _Counted(file)
            _loading = now()
            loaded = pickle.load(counted, *args, **kwargs)
            _loaded, _reading, _size = now(), counted.ns, counted.size
            return loaded

    reduction.dump = in_place_of(dump, traced_dump)
    reduction.pickle = Loading()


class _Counted:
    """A file with the time and the size of what is read from it."""

    def __init__(self, file):
        self.file = file
        self.ns = self.size = 0

    def read(self, size=-1):
        return self._count(self.file.read, size)

    def readline(self):
        return self._count(self.file.readline)

    def _count(self, read, *args):
        began = now()
        data = read(*args)
        self.ns += now() - began
        self.size += len(data)
        return data
