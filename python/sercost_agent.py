"""The agent: records what each task of a process pool goes through, from inside CPython 3.8 to 3.13.

``sercost_install.install(directory)`` replaces the few methods of ``multiprocessing.pool`` and
``concurrent.futures.process`` through which every task goes by versions that do the same and take stamps in between. It
has to run before the first pool is made, since a pool binds its methods when it is made. Other connections and queues of
the program stay as they are.

Each process writes records of a fixed size into a memory-mapped file of its own: what is in the mapping outlives the
process however it ends, and a worker's record of a task is there before the result is sent. ``docs/RECORDS.md``
has the layout. Nothing here looks at, copies or formats the program's own data.

Stamps are CLOCK_MONOTONIC, comparable between all processes of the machine. The CPU time of a thread is read for one
message in ``PAUSE_NS`` at most: it takes a system call, at whose end the kernel may well give the processor to somebody
else, and then all threads of the process wait for the interpreter lock that this one holds. The first touch of a page
would do the same, so memory is touched before it is needed.
"""

import itertools
import mmap
import os
import signal
import struct
import threading
from _thread import get_ident
from os import read as os_read, write as os_write
from time import perf_counter_ns as now, thread_time_ns as cpu

#: The layout of the records, as in ``docs/RECORDS.md``.
VERSION = 1
MAGIC = b"SERCOST\0"
#: One record, and the header before the first.
RECORD_BYTES = 128
HEADER_BYTES = 4096

# Kinds of records.
SUBMIT = 1
SEND = 2
GET = 3
PUT = 4
RECEIVE = 5
WAKE = 6
ITEM = 7
START = 8
TERMINATE = 9
EXIT = 10
BOOT = 11
INITIALIZED = 12
ITERATED = 13
DISPATCHER = 14
CLOSE = 15
COLLECTION = 16
FAILED = 17
WAKES = 18
WATCH = 19

# Members of the header that change, as indices of 8-byte words.
_ALLOCATED = 6
_FLAGS = 7
#: A worker's last call of get, so that one that is ended while it waits is known to have waited.
_LAST_GET = 8
#: The result thread's last call of recv, which is where it had delivered the result before.
_LAST_RECEIVE = 9
#: When a worker's last put returned.
_LAST_PUT = 10
#: Where a stamp goes that has no record.
SCRATCH = 15

_STOPPED = 1

#: Address space for records; memory and disk are taken as they are needed.
_RESERVED = (1 << 30, 1 << 26, 1 << 22, 1 << 18)
#: What is taken at first, in the process that makes the pools and in others, and at most at once later. Taking more
#: while tasks run lets go of the interpreter lock, and may be long in getting it back.
_FIRST_CHUNK = [1 << 18, 1 << 18]
_LARGEST_CHUNK = 1 << 23
_LARGEST_FIRST_CHUNK = 1 << 26
#: Not among the names of the module mmap yet.
_MADV_POPULATE_WRITE = 23
#: What is tried when the disk is nearly full.
_LEAST_CHUNK = 1 << 16

#: How long a thread that began to read its CPU time for a message goes without doing so for another, in nanoseconds.
PAUSE_NS = 4_000_000
#: Garbage collections shorter than this are not recorded.
_COLLECTION_NS = 20_000

_directory = None
_parent = 0
current = None
#: When this process could first take a stamp: at import, or just after the fork.
_ready_ns = now()
_bootstrap_ns = 0
_installed = set()


class _Recorder:
    """The file of one process. ``take`` hands out offsets; before writing at one, compare it with ``end``."""

    def __init__(self, directory):
        self.pid = os.getpid()
        self.path = os.path.join(directory, "%d-%d.records" % (self.pid, now()))
        # Entered again where a garbage collection inside it is recorded.
        self.lock = threading.RLock()
        self.stopped = False
        self.take = itertools.count(HEADER_BYTES, RECORD_BYTES).__next__
        self.end = 0
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            # A write into a mapping without a block behind it is SIGBUS, so blocks are asked for before.
            chunk = _FIRST_CHUNK[self.pid != _parent]
            try:
                os.posix_fallocate(fd, 0, chunk)
            except OSError:
                chunk = _LEAST_CHUNK
                os.posix_fallocate(fd, 0, chunk)
            self.memory = self._map(fd)
            chunk = min(chunk, len(self.memory))
            self.touch(0, chunk)
        finally:
            os.close(fd)
        self.size = len(self.memory)
        self.pack = struct.Struct("16q").pack_into
        self.words = memoryview(self.memory).cast("q")
        struct.pack_into("8sIIqqqqqq", self.memory, 0, MAGIC, VERSION, RECORD_BYTES, self.pid, os.getppid(), now(),
                         _python_version(), chunk, 0)
        self.end = chunk

    @staticmethod
    def _map(fd):
        for size in _RESERVED:
            try:
                os.ftruncate(fd, size)
                return mmap.mmap(fd, size)
            except (OSError, ValueError, OverflowError) as error:
                reason = error
        raise reason

    def touch(self, start, length):
        """Has these pages of the mapping there before anything is written to them."""
        try:
            self.memory.madvise(_MADV_POPULATE_WRITE, start, length)
        except (AttributeError, OSError, ValueError):
            # Before Linux 5.14, or there is no madvise: they come when they are written to.
            pass

    def grow(self, offset):
        """Makes room at ``offset``; False when there is none, and from then on nothing more is recorded."""
        with self.lock:
            while offset >= self.end:
                if self.stopped:
                    return False
                chunk = min(self.end, _LARGEST_CHUNK)
                try:
                    if self.end + chunk > self.size:
                        raise OSError("no address space left")
                    # By name, since the program may have closed all descriptors and opened others of the same number.
                    fd = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
                    try:
                        os.posix_fallocate(fd, self.end, chunk)
                    finally:
                        os.close(fd)
                except OSError:
                    self.stopped = True
                    self.words[_FLAGS] = _STOPPED
                    return False
                self.touch(self.end, chunk)
                self.end += chunk
                self.words[_ALLOCATED] = self.end
            return True

    def write(self, kind, *values):
        """One record, for what does not happen for each task."""
        offset = self.take()
        if offset < self.end or self.grow(offset):
            self.pack(self.memory, offset, kind | thread_bits(), *values, *(0,) * (14 - len(values)), now())


class _Nowhere:
    """Stands in where no file could be made: takes everything and keeps nothing."""

    take = staticmethod(lambda: 0)
    end = 0
    memory = None
    pid = 0
    words = [0] * 16

    @staticmethod
    def grow(offset):
        return False

    @staticmethod
    def pack(*values):
        pass

    @staticmethod
    def write(kind, *values):
        pass


def _python_version():
    import sys

    return sys.hexversion


def thread_bits():
    """The thread, beside the kind in a record's first word."""
    return get_ident() << 8


def own_recorder():
    global current
    if current is None:
        try:
            current = _Recorder(_directory)
        except (OSError, ValueError):
            current = _Nowhere()
            _leave_note()
    return current


def _leave_note():
    """Says that a process could not record: an empty file takes no block of a full disk."""
    try:
        os.close(os.open(os.path.join(_directory, "%d.missing" % os.getpid()), os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError:
        pass


def _after_fork():
    global current, _ready_ns
    current = None
    _ready_ns = now()


def begin(directory, parent, tasks, workers):
    """Begins to record into ``directory``. ``tasks`` and ``workers`` tell how much room may be needed, ``parent`` says
    that this is the process that makes the pools."""
    global _directory, _parent
    first = _directory is None
    _directory = directory
    if parent:
        _parent = os.getpid()
    for at, expected in enumerate((4 * tasks, 2 * tasks // workers)):
        needed = (expected * RECORD_BYTES | 0xFFFF) + 1
        _FIRST_CHUNK[at] = max(_FIRST_CHUNK[at], min(needed + (needed >> 2), _LARGEST_FIRST_CHUNK))
    if first:
        os.register_at_fork(after_in_child=_after_fork)
        _watch_collections()


def once(module):
    if module.__name__ in _installed:
        return False
    _installed.add(module.__name__)
    return True


def in_place_of(original, replacement):
    """Lets pickle write the replacement by the name that it takes over."""
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(replacement, name, getattr(original, name))
    return replacement


# Processes


def patch_process(process):
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
        began = now()
        start(self)
        own_recorder().write(START, self.pid, began, now(), int(is_worker))

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

    base.start = in_place_of(start, traced_start)
    base._bootstrap = in_place_of(bootstrap, traced_bootstrap)
    base.join = in_place_of(join, traced_join)
    base.terminate = told(terminate, signal.SIGTERM)
    base.kill = told(kill, signal.SIGKILL)


#: What the workers of pools and executors run.
worker_functions = []

#: Called with the number and the exit code of a child process that ended by itself and not well.
lost = None


def _watch_collections():
    import gc

    began = 0

    def collection(phase, info):
        nonlocal began
        if phase == "start":
            began = now()
        else:
            ended = now()
            if ended - began >= _COLLECTION_NS and current is not None:
                current.write(COLLECTION, info["generation"], began, ended)

    gc.callbacks.append(collection)


# What both engines share


def _reader(connection):
    """The reading of one message, as ``Connection._recv_bytes`` does it: the message and two stamps."""
    receive = connection._recv
    header = struct.Struct("!i").unpack
    long_header = struct.Struct("!Q").unpack

    def read(handle):
        head = os_read(handle, 4)
        came = now()
        if len(head) != 4:
            head = _rest(receive, head, 4)
        (size,) = header(head)
        if size == -1:
            (size,) = long_header(receive(8).getvalue())
        if size > _WHOLE:
            return receive(size).getvalue(), came, now()
        message = os_read(handle, size)
        if len(message) != size:
            message = _rest(receive, message, size)
        return message, came, now()

    return read


#: What is read in one piece unless the pipe holds less. CPython asks for all of a message each time, and so do we.
_WHOLE = 16384


def _rest(receive, begun, size):
    """What is left of a message, or of its header, when a read gave only its beginning."""
    if not begun:
        raise EOFError
    try:
        return begun + receive(size - len(begun)).getvalue()
    except EOFError:
        raise OSError("got end of file during message") from None


def writer(connection):
    """The sending of one message, as ``Connection._send_bytes`` does it."""
    send, send_large = connection._send, connection._send_bytes
    header = struct.Struct("!i").pack

    def write(message, size):
        if size > 16384:
            send_large(message)
            return
        whole = header(size) + message
        written = os_write(connection._handle, whole)
        if written != len(whole):
            send(whole[written:])

    return write


def traced_get(queue, key, release):
    """``SimpleQueue.get``, or with ``release`` ``Queue.get``, in a worker."""
    from multiprocessing.reduction import ForkingPickler

    recorder = own_recorder()
    pack, memory, take, live = recorder.pack, recorder.memory, recorder.take, recorder.words
    connection, loads = queue._reader, ForkingPickler.loads
    lock, unlock = queue._rlock._semlock.acquire, queue._rlock._semlock.release
    read = _reader(connection)
    kind = GET | thread_bits()
    state = _WorkerState()
    due = 0

    def get(block=True, timeout=None):
        nonlocal due
        if not block or timeout is not None:
            return type(queue).get(queue, block, timeout)
        live[_LAST_GET] = entered = now()
        handle = connection._handle
        if handle is None:
            connection._check_closed()
        if entered >= due:
            due = entered + PAUSE_NS
            state.sampled = True
            cpu_entered = cpu()
        else:
            state.sampled = False
            cpu_entered = cpu_complete = cpu_loaded = 0
        lock()
        try:
            locked = now()
            message, came, complete = read(handle)
            if release is not None:
                release()
        finally:
            unlock()
        if cpu_entered:
            cpu_complete = cpu()
        loading = now()
        task = loads(message)
        loaded = now()
        if cpu_entered:
            cpu_loaded = cpu()
        size = len(message)
        del message
        freed = now()
        state.job, state.index = job, index = key(task)
        offset = take()
        if offset < recorder.end or recorder.grow(offset):
            pack(memory, offset, kind, job, index, size, state.put, entered, locked, came, complete, loading, loaded,
                 freed, cpu_entered, cpu_complete, cpu_loaded, freed)
        state.got = now()
        return task

    return get, state


class _WorkerState:
    """What the get of a worker tells its put, and the other way round."""

    __slots__ = ("job", "index", "got", "put", "sampled")

    def __init__(self):
        self.job = self.index = -1
        self.got = self.put = 0
        self.sampled = True


def traced_put(queue, state, key):
    """``SimpleQueue.put`` in a worker. The record is written before the result is sent."""
    from multiprocessing.reduction import ForkingPickler

    recorder = own_recorder()
    pack, memory, take, words = recorder.pack, recorder.memory, recorder.take, recorder.words
    connection, dumps = queue._writer, ForkingPickler.dumps
    lock, unlock = queue._wlock._semlock.acquire, queue._wlock._semlock.release
    write = writer(connection)
    kind = PUT | thread_bits()

    def put(result):
        entered = now()
        if connection._handle is None:
            connection._check_closed()
        if state.sampled:
            cpu_entered = cpu()
            dumping = now()
            message = dumps(result)
            dumped = now()
            cpu_dumped = cpu()
        else:
            cpu_entered = cpu_dumped = 0
            dumping = entered
            message = dumps(result)
            dumped = now()
        job, index, good = key(result)
        size = len(message)
        offset = take()
        if offset < recorder.end or recorder.grow(offset):
            pack(memory, offset, kind, job, index, size, state.got, entered, dumping, dumped, cpu_entered, cpu_dumped,
                 good, 0, 0, 0, now(), 0)
            sending = (offset >> 3) + 15
        else:
            sending = SCRATCH
        lock()
        try:
            words[sending] = now()
            write(message, size)
        finally:
            unlock()
        state.put = words[_LAST_PUT] = now()

    return put


def traced_receive(connection, key):
    """``Connection.recv`` in the thread that takes the results."""
    from multiprocessing.reduction import ForkingPickler

    recorder = own_recorder()
    pack, memory, take, live = recorder.pack, recorder.memory, recorder.take, recorder.words
    loads = ForkingPickler.loads
    read = _reader(connection)
    lane = _ResultLane()
    lane.words = live
    kind = 0
    due = 0
    written = 0

    def receive():
        nonlocal kind, due, written
        live[_LAST_RECEIVE] = entered = now()
        if not kind:
            kind = RECEIVE | thread_bits()
            result_lanes[get_ident()] = lane
        handle = connection._handle
        if handle is None:
            connection._check_closed()
        message, came, complete = read(handle)
        if came >= due:
            due = came + PAUSE_NS
            cpu_complete = cpu()
            loading = now()
            result = loads(message)
            loaded = now()
            cpu_loaded = cpu()
        else:
            cpu_complete = cpu_loaded = 0
            loading = complete
            result = loads(message)
            loaded = now()
        size = len(message)
        del message
        job, index = key(result)
        offset = take()
        if offset < recorder.end or recorder.grow(offset):
            pack(memory, offset, kind, job, index, size, entered, came, complete, loading, loaded, cpu_complete,
                 cpu_loaded, written, 0, 0, 0, loaded)
            lane.delivered = (offset >> 3) + 12
        written = now()
        return result

    return receive


class _ResultLane:
    """Where the stamp of a delivery goes: into the record of the result."""

    __slots__ = ("delivered", "words")

    def __init__(self):
        self.delivered = 0
        self.words = None


result_lanes = {}


def traced_initializer(initializer):
    if initializer is None:
        return None

    def traced(*args):
        began = now()
        try:
            return initializer(*args)
        finally:
            own_recorder().write(INITIALIZED, began, now())

    return traced


def boot(entered):
    own_recorder().write(BOOT, _ready_ns, _bootstrap_ns, entered)


class Items:
    """Stamps the items of a chunk one by one. The job and the index are those of the worker's last get."""

    state = None

    @classmethod
    def call(cls, function, arguments):
        """``[function(*args) for args in arguments]``"""
        state = cls.state
        if state is None:
            return [function(*args) for args in arguments]
        recorder = own_recorder()
        pack, memory, take = recorder.pack, recorder.memory, recorder.take
        kind, job, index = ITEM | thread_bits(), state.job, state.index
        results = []
        append = results.append
        began = now()
        for at, args in enumerate(arguments):
            append(function(*args))
            ended = now()
            offset = take()
            if offset < recorder.end or recorder.grow(offset):
                pack(memory, offset, kind, job, index, at, began, ended, 0, 0, 0, 0, 0, 0, 0, 0, 0, ended)
            began = now()
        return results
