"""The code that the hooks of several libraries share: messages through a pipe with stamps, and items of a chunk."""

import contextlib
import struct
from _thread import get_ident
from os import read as os_read, write as os_write
from time import perf_counter_ns as now, thread_time_ns as cpu

from . import kernel
from .layout import (
    GET,
    INITIALIZED,
    ITEM,
    PUT,
    PUT_SENDING,
    RECEIVE,
    RECEIVE_DELIVERED,
    USED,
    WORD_LAST_GET,
    WORD_LAST_PUT,
    WORD_LAST_RECEIVE,
)
from .records import SCRATCH, own_recorder, thread_bits

#: How long a thread that began to read its CPU time for a message goes without doing so for another, in nanoseconds.
PAUSE_NS = 4_000_000

_installed = set()


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


@contextlib.contextmanager
def saying_exits():
    """Says where a worker was told to exit by the user's own code, which CPython does without a word."""
    try:
        yield
    except SystemExit as end:
        if end.code not in (None, 0):
            import traceback

            traceback.print_exc()
        raise


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


#: The bytes read in one piece unless the pipe holds less. CPython asks for all of a message each time, and so do we.
_WHOLE = 16384


def _rest(receive, begun, size):
    """The rest of a message, or of its header, when a read gave only its start."""
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
    usage = state.tell_usage = kernel.usage()
    due = 0

    def get(block=True, timeout=None):
        nonlocal due
        if not block or timeout is not None:
            return type(queue).get(queue, block, timeout)
        live[WORD_LAST_GET] = entered = now()
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
                 cpu_entered, cpu_complete, cpu_loaded, 0, freed)
        if cpu_entered:
            state.usage = usage()
        # Loading a task may exchange messages too.
        state.exchanged[:] = 0, 0, 0
        state.got = now()
        return task

    return get, state


class _WorkerState:
    """The state that the get of a worker leaves for its put, and the other way round."""

    __slots__ = ("job", "index", "got", "put", "sampled", "usage", "tell_usage", "exchanged")

    def __init__(self):
        self.job = self.index = -1
        self.got = self.put = 0
        self.sampled = True
        self.usage = None
        self.tell_usage = None
        self.exchanged = [0, 0, 0]


def traced_put(queue, state, key):
    """``SimpleQueue.put`` in a worker. The record is written before the result is sent."""
    from multiprocessing.reduction import ForkingPickler

    recorder = own_recorder()
    pack, memory, take, words = recorder.pack, recorder.memory, recorder.take, recorder.words
    connection, dumps = queue._writer, ForkingPickler.dumps
    lock, unlock = queue._wlock._semlock.acquire, queue._wlock._semlock.release
    write = writer(connection)
    kind = PUT | thread_bits()
    usage = state.tell_usage
    exchanged = state.exchanged = kernel.count_exchanges()

    def put(result):
        entered = now()
        if connection._handle is None:
            connection._check_closed()
        if state.sampled or exchanged[0]:
            faults, copied, system = kernel.used(state.usage, usage())
            messages, size, exchanging = exchanged
            recorder.write(USED, state.job, state.index, faults, copied, system, messages, size, exchanging)
            state.usage = None
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
                 good, 0, 0, 0, 0, now())
            sending = (offset >> 3) + PUT_SENDING
        else:
            sending = SCRATCH
        lock()
        try:
            words[sending] = now()
            write(message, size)
        finally:
            unlock()
        state.put = words[WORD_LAST_PUT] = now()

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
        live[WORD_LAST_RECEIVE] = entered = now()
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
            lane.delivered = (offset >> 3) + RECEIVE_DELIVERED
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
                pack(memory, offset, kind, job, index, at, began, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ended)
            began = now()
        return results
