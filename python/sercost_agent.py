"""The agent: records what each task of a process pool goes through, from inside CPython 3.8 to 3.13.

``install(directory)`` replaces the few methods of ``multiprocessing.pool`` and ``concurrent.futures.process`` through
which every task goes by versions that do the same and take stamps in between. It has to run before the first pool is
made, since a pool binds its methods when it is made. Other connections and queues of the program stay as they are.

Each process writes records of a fixed size into a memory-mapped file of its own: what is in the mapping outlives the
process however it ends, and a worker's record of a task is there before the result is sent. ``docs/RECORDS.md``
has the layout. Nothing here looks at, copies or formats the program's own data.

Stamps are CLOCK_MONOTONIC, comparable between all processes of the machine. The CPU time of a thread costs a system
call; a thread whose messages are short takes it for one message in sixteen only.
"""

import itertools
import mmap
import os
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
_SCRATCH = 15

_STOPPED = 1

#: Address space for records; memory and disk are taken as they are needed.
_RESERVED = (1 << 30, 1 << 26, 1 << 22)
_FIRST_CHUNK = 1 << 18
_LARGEST_CHUNK = 1 << 23

#: Of short messages one in sixteen has its CPU time read; and what is short, in nanoseconds.
_SHARE = 15
_SHORT_NS = 100_000
#: Garbage collections shorter than this are not recorded.
_COLLECTION_NS = 20_000

_directory = None
_current = None
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
            os.posix_fallocate(fd, 0, _FIRST_CHUNK)
            self.memory = self._map(fd)
        finally:
            os.close(fd)
        self.size = len(self.memory)
        self.pack = struct.Struct("16q").pack_into
        self.words = memoryview(self.memory).cast("q")
        struct.pack_into("8sIIqqqqqq", self.memory, 0, MAGIC, VERSION, RECORD_BYTES, self.pid, os.getppid(), now(),
                         _python_version(), _FIRST_CHUNK, 0)
        self.end = _FIRST_CHUNK

    @staticmethod
    def _map(fd):
        for size in _RESERVED:
            try:
                os.ftruncate(fd, size)
                return mmap.mmap(fd, size)
            except (OSError, ValueError, OverflowError) as error:
                reason = error
        raise reason

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
                self.end += chunk
                self.words[_ALLOCATED] = self.end
            return True

    def write(self, kind, *values):
        """One record, for what does not happen for each task."""
        offset = self.take()
        if offset < self.end or self.grow(offset):
            self.pack(self.memory, offset, kind | _thread_bits(), *values, *(0,) * (14 - len(values)), now())


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


def _thread_bits():
    """The thread, beside the kind in a record's first word."""
    return get_ident() << 8


def _recorder():
    global _current
    if _current is None:
        try:
            _current = _Recorder(_directory)
        except OSError:
            _current = _Nowhere()
            _leave_note()
    return _current


def _leave_note():
    """Says that a process could not record: an empty file takes no block of a full disk."""
    try:
        os.close(os.open(os.path.join(_directory, "%d.missing" % os.getpid()), os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError:
        pass


def _after_fork():
    global _current, _ready_ns
    _current = None
    _ready_ns = now()


def install(directory):
    """Begins to record into ``directory``."""
    global _directory
    first = _directory is None
    _directory = directory
    import concurrent.futures.process
    import multiprocessing.pool

    if first:
        os.register_at_fork(after_in_child=_after_fork)
        _watch_collections()
    patch_process(multiprocessing.process)
    patch_pool(multiprocessing.pool)
    patch_executor(concurrent.futures.process, multiprocessing.queues)


def _once(module):
    if module.__name__ in _installed:
        return False
    _installed.add(module.__name__)
    return True


def _in_place_of(original, replacement):
    """Lets pickle write the replacement by the name that it takes over."""
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(replacement, name, getattr(original, name))
    return replacement


# Processes


def patch_process(process):
    """Hooks the start and the end of every child process."""
    if not _once(process):
        return
    base = process.BaseProcess
    start, bootstrap, join = base.start, base._bootstrap, base.join
    terminate, kill = base.terminate, base.kill

    def traced_start(self):
        began = now()
        start(self)
        _recorder().write(START, self.pid, began, now())

    def traced_bootstrap(self, *args, **kwargs):
        global _bootstrap_ns
        _bootstrap_ns = now()
        return bootstrap(self, *args, **kwargs)

    def traced_join(self, *args, **kwargs):
        result = join(self, *args, **kwargs)
        code = self._popen.returncode if self._popen is not None else None
        if code is not None and not getattr(self, "_sercost_ended", False):
            self._sercost_ended = True
            _recorder().write(EXIT, self.pid, code, now())
            if lost is not None and code != 0 and not getattr(self, "_sercost_told", False):
                lost(self.pid, code)
        return result

    def told(original):
        def ending(self):
            self._sercost_told = True
            _recorder().write(TERMINATE, self.pid, now())
            return original(self)

        return _in_place_of(original, ending)

    base.start = _in_place_of(start, traced_start)
    base._bootstrap = _in_place_of(bootstrap, traced_bootstrap)
    base.join = _in_place_of(join, traced_join)
    base.terminate = told(terminate)
    base.kill = told(kill)


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
            if ended - began >= _COLLECTION_NS and _current is not None:
                _current.write(COLLECTION, info["generation"], began, ended)

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


def _writer(connection):
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


def _traced_get(queue, key, release):
    """``SimpleQueue.get``, or with ``release`` ``Queue.get``, in a worker."""
    from multiprocessing.reduction import ForkingPickler

    recorder = _recorder()
    pack, memory, take, live = recorder.pack, recorder.memory, recorder.take, recorder.words
    connection, loads = queue._reader, ForkingPickler.loads
    lock, unlock = queue._rlock._semlock.acquire, queue._rlock._semlock.release
    read = _reader(connection)
    kind = GET | _thread_bits()
    state = _WorkerState()
    turn = 0
    dense = True

    def get(block=True, timeout=None):
        nonlocal turn, dense
        if not block or timeout is not None:
            return type(queue).get(queue, block, timeout)
        live[_LAST_GET] = entered = now()
        handle = connection._handle
        if handle is None:
            connection._check_closed()
        if dense or not turn & _SHARE:
            state.sampled = True
            cpu_entered = cpu()
        else:
            state.sampled = False
            cpu_entered = cpu_complete = cpu_loaded = 0
        turn += 1
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
        dense = freed - came > _SHORT_NS
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


def _traced_put(queue, state, key):
    """``SimpleQueue.put`` in a worker. The record is written before the result is sent."""
    from multiprocessing.reduction import ForkingPickler

    recorder = _recorder()
    pack, memory, take, words = recorder.pack, recorder.memory, recorder.take, recorder.words
    connection, dumps = queue._writer, ForkingPickler.dumps
    lock, unlock = queue._wlock._semlock.acquire, queue._wlock._semlock.release
    write = _writer(connection)
    kind = PUT | _thread_bits()

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
            sending = _SCRATCH
        lock()
        try:
            words[sending] = now()
            write(message, size)
        finally:
            unlock()
        state.put = words[_LAST_PUT] = now()

    return put


def _traced_receive(connection, key):
    """``Connection.recv`` in the thread that takes the results."""
    from multiprocessing.reduction import ForkingPickler

    recorder = _recorder()
    pack, memory, take, live = recorder.pack, recorder.memory, recorder.take, recorder.words
    loads = ForkingPickler.loads
    read = _reader(connection)
    lane = _ResultLane()
    lane.words = live
    kind = 0
    turn = 0
    dense = True
    written = 0

    def receive():
        nonlocal kind, turn, dense, written
        live[_LAST_RECEIVE] = entered = now()
        if not kind:
            kind = RECEIVE | _thread_bits()
            _result_lanes[get_ident()] = lane
        handle = connection._handle
        if handle is None:
            connection._check_closed()
        message, came, complete = read(handle)
        if dense or not turn & _SHARE:
            cpu_complete = cpu()
            loading = now()
            result = loads(message)
            loaded = now()
            cpu_loaded = cpu()
        else:
            cpu_complete = cpu_loaded = 0
            loading = now()
            result = loads(message)
            loaded = now()
        turn += 1
        size = len(message)
        del message
        dense = loaded - came > _SHORT_NS
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


_result_lanes = {}


def _traced_initializer(initializer):
    if initializer is None:
        return None

    def traced(*args):
        began = now()
        try:
            return initializer(*args)
        finally:
            _recorder().write(INITIALIZED, began, now())

    return traced


def _boot(entered):
    _recorder().write(BOOT, _ready_ns, _bootstrap_ns, entered)


class _Items:
    """Stamps the items of a chunk one by one. The job and the index are those of the worker's last get."""

    state = None

    @classmethod
    def call(cls, function, arguments):
        """``[function(*args) for args in arguments]``"""
        state = cls.state
        if state is None:
            return [function(*args) for args in arguments]
        recorder = _recorder()
        pack, memory, take = recorder.pack, recorder.memory, recorder.take
        kind, job, index = ITEM | _thread_bits(), state.job, state.index
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


# multiprocessing.Pool


def patch_pool(pool):
    """Hooks ``multiprocessing.pool``."""
    if not _once(pool):
        return
    cls = pool.Pool
    setup, generation = cls._setup_queues, cls._guarded_task_generation
    apply_async, handle_tasks = cls.apply_async, cls._handle_tasks
    worker, helper = pool.worker, pool._helper_reraises_exception
    # How results come to the consumer: one by one in the order of tasks or of arrival, or all at once.
    orders = {pool.IMapIterator: 1, pool.IMapUnorderedIterator: 2, pool.MapResult: 3}

    def traced_setup(self):
        setup(self)
        iterated = self._sercost = [0, 0]
        self._quick_put = _traced_send(self._inqueue._writer, iterated)
        self._quick_get = _traced_receive(self._outqueue._reader, _pool_key)

    def traced_generation(self, result_job, func, iterable):
        iterated = getattr(self, "_sercost", None)
        if iterated is None:
            return generation(self, result_job, func, iterable)
        _recorder().write(SUBMIT, result_job, -1, now(), 0, orders.get(type(self._cache.get(result_job)), 0))
        return generate(iterated, result_job, func, iterable)

    def generate(iterated, job, func, iterable):
        try:
            i = -1
            following = iter(iterable).__next__
            while True:
                began = now()
                try:
                    x = following()
                except StopIteration:
                    break
                i += 1
                iterated[0] = began
                iterated[1] = now()
                yield (job, i, func, (x,), {})
            _recorder().write(ITERATED, job, i + 1, began, now())
        except Exception as e:
            yield (job, i + 1, helper, (e,), {})

    def traced_apply_async(self, *args, **kwargs):
        began = now()
        result = apply_async(self, *args, **kwargs)
        if getattr(self, "_sercost", None) is not None:
            _recorder().write(SUBMIT, result._job, 0, began, 0)
        return result

    def traced_handle_tasks(*args, **kwargs):
        began = now()
        try:
            return handle_tasks(*args, **kwargs)
        finally:
            _recorder().write(DISPATCHER, began, now())

    def traced_worker(inqueue, outqueue, initializer=None, *args, **kwargs):
        _boot(now())
        if hasattr(inqueue, "_rlock"):
            inqueue.get, state = _traced_get(inqueue, _pool_key, None)
            outqueue.put = _traced_put(outqueue, state, _pool_result_key)
            _Items.state = state
            initializer = _traced_initializer(initializer)
        return worker(inqueue, outqueue, initializer, *args, **kwargs)

    def mapstar(args):
        if _Items.state is None:
            return original_mapstar(args)
        return _Items.call(args[0], zip(*args[1:]))

    def starmapstar(args):
        if _Items.state is None:
            return original_starmapstar(args)
        return _Items.call(args[0], args[1])

    def closing(original):
        def traced(self):
            _recorder().write(CLOSE, now())
            return original(self)

        return _in_place_of(original, traced)

    original_mapstar, original_starmapstar = pool.mapstar, pool.starmapstar
    pool.mapstar = _in_place_of(original_mapstar, mapstar)
    pool.starmapstar = _in_place_of(original_starmapstar, starmapstar)
    pool.worker = _in_place_of(worker, traced_worker)
    cls._setup_queues = _in_place_of(setup, traced_setup)
    cls._guarded_task_generation = _in_place_of(generation, traced_generation)
    cls.apply_async = _in_place_of(apply_async, traced_apply_async)
    cls._handle_tasks = staticmethod(_in_place_of(handle_tasks, traced_handle_tasks))
    cls.close = closing(cls.close)
    cls.terminate = closing(cls.terminate)
    _patch_results(pool)


def _pool_key(task):
    return (task[0], task[1]) if task is not None else (-1, -1)


def _pool_result_key(result):
    return result[0], result[1], 1 if result[2][0] else 0


def _patch_results(pool):
    """Hooks what the consumer calls."""
    following, waiting = pool.IMapIterator.next, pool.ApplyResult.get
    pack_wake = struct.Struct("5q80xq").pack_into

    def traced_next(self, timeout=None):
        entered = now()
        try:
            item = following(self, timeout)
        except StopIteration:
            raise
        except BaseException as error:
            # Without a result when the time was up, unless that is the task's own exception.
            if timeout is None or not isinstance(error, pool.TimeoutError):
                _recorder().write(WAKE, self._job, -1, entered, now())
            raise
        woken = now()
        recorder = _current or _recorder()
        offset = recorder.take()
        if offset < recorder.end or recorder.grow(offset):
            pack_wake(recorder.memory, offset, get_ident() << 8 | WAKE, self._job, -1, entered, woken, woken)
        return item

    def traced_get(self, timeout=None):
        entered = now()
        try:
            return waiting(self, timeout)
        finally:
            if self.ready():
                _recorder().write(WAKE, self._job, -1, entered, now())

    pool.IMapIterator.next = pool.IMapIterator.__next__ = _in_place_of(following, traced_next)
    pool.ApplyResult.get = _in_place_of(waiting, traced_get)


def _traced_send(connection, iterated):
    """``Connection.send`` in the thread that hands out the tasks."""
    from multiprocessing.reduction import ForkingPickler

    recorder = _recorder()
    pack, memory, take = recorder.pack, recorder.memory, recorder.take
    dumps = ForkingPickler.dumps
    write = _writer(connection)
    kind = 0
    turn = 0
    dense = True
    written = 0

    def send(task):
        nonlocal kind, turn, dense, written
        if task is None:
            return type(connection).send(connection, task)
        entered = now()
        if not kind:
            kind = SEND | _thread_bits()
        if connection._handle is None:
            connection._check_closed()
        if dense or not turn & _SHARE:
            cpu_entered = cpu()
            began = now()
        else:
            cpu_entered = cpu_dumped = cpu_sent = 0
            began = entered
        turn += 1
        try:
            message = dumps(task)
        except BaseException:
            recorder.write(FAILED, task[0], task[1], began, now())
            raise
        sending = dumped = now()
        if cpu_entered:
            cpu_dumped = cpu()
            sending = now()
        size = len(message)
        write(message, size)
        sent = now()
        if cpu_entered:
            cpu_sent = cpu()
        del message
        freed = now()
        dense = freed - began > _SHORT_NS
        offset = take()
        if offset < recorder.end or recorder.grow(offset):
            pack(memory, offset, kind, task[0], task[1], size, iterated[0], iterated[1], entered, began, dumped, sending,
                 sent, cpu_entered, cpu_dumped, cpu_sent, written, freed)
        iterated[0] = iterated[1] = 0
        written = now()

    return send


# concurrent.futures.ProcessPoolExecutor


def patch_executor(process, queues):
    """Hooks ``concurrent.futures.process``."""
    if not _once(process):
        return
    executor = process.ProcessPoolExecutor
    init, shutdown, worker = executor.__init__, executor.shutdown, process._process_worker
    work_item, process_chunk = process._WorkItem.__init__, process._process_chunk
    future = process._base.Future
    result, set_result, set_exception = future.result, future.set_result, future.set_exception

    def traced_init(self, *args, **kwargs):
        init(self, *args, **kwargs)
        call_queue, results = self._call_queue, self._result_queue._reader
        job = _executor_job(call_queue)
        call_queue._sercost = job
        call_queue.put = _traced_call(call_queue, self._pending_work_items, job)
        results.recv = _traced_receive(results, _result_item_key(job))

    def traced_shutdown(self, *args, **kwargs):
        _recorder().write(CLOSE, now())
        return shutdown(self, *args, **kwargs)

    def traced_work_item(self, future, *args, **kwargs):
        future._sercost_at = now()
        work_item(self, future, *args, **kwargs)

    def traced_worker(call_queue, result_queue, initializer=None, *args, **kwargs):
        _boot(now())
        job = _executor_job(call_queue)
        call_queue.get, state = _traced_get(call_queue, _call_item_key(job), call_queue._sem.release)
        result_queue.put = _traced_put(result_queue, state, _worker_result_key(job))
        _Items.state = state
        return worker(call_queue, result_queue, _traced_initializer(initializer), *args, **kwargs)

    def traced_chunk(fn, chunk):
        if _Items.state is None:
            return process_chunk(fn, chunk)
        return _Items.call(fn, chunk)

    def traced_result(self, timeout=None):
        entered = now()
        try:
            return result(self, timeout)
        finally:
            key = getattr(self, "_sercost", None)
            if key is not None and self.done():
                _recorder().write(WAKE, key[0], key[1], entered, now())

    def delivering(original):
        def traced(self, value):
            original(self, value)
            lane = _result_lanes.get(get_ident())
            if lane is not None and lane.delivered:
                lane.words[lane.delivered] = now()
                lane.delivered = 0

        return _in_place_of(original, traced)

    executor.__init__ = _in_place_of(init, traced_init)
    executor.shutdown = _in_place_of(shutdown, traced_shutdown)
    process._WorkItem.__init__ = _in_place_of(work_item, traced_work_item)
    process._process_worker = _in_place_of(worker, traced_worker)
    process._process_chunk = _in_place_of(process_chunk, traced_chunk)
    future.result = _in_place_of(result, traced_result)
    future.set_result = delivering(set_result)
    future.set_exception = delivering(set_exception)
    _patch_feeder(queues)


def _executor_job(call_queue):
    """A number that is the same in all processes of an executor: that of the pipe of its calls, negative."""
    return -2 - os.fstat(call_queue._reader.fileno()).st_ino


def _call_item_key(job):
    return lambda item: (job, item.work_id) if item is not None else (-1, -1)


def _result_item_key(job):
    def key(item):
        index = getattr(item, "work_id", None)
        return (-1, -1) if index is None else (job, index)

    return key


def _worker_result_key(job):
    def key(item):
        index = getattr(item, "work_id", None)
        # A worker that ends puts its number.
        return (-1, -1, 0) if index is None else (job, index, 1 if item.exception is None else 0)

    return key


def _traced_call(call_queue, pending, job):
    """``Queue.put`` of a call: the end of its being pending."""
    put = type(call_queue).put

    def traced(item, block=True, timeout=None):
        index = getattr(item, "work_id", None)
        if index is not None:
            work = pending.get(index)
            if work is not None:
                work.future._sercost = (job, index)
                _recorder().write(SUBMIT, job, index, getattr(work.future, "_sercost_at", 0), now())
        return put(call_queue, item, block, timeout)

    return traced


def _patch_feeder(queues):
    """Hooks the thread that pickles the calls, by what is handed to it, since its code differs between versions."""
    start_thread, feed = queues.Queue._start_thread, queues.Queue._feed

    def traced_start_thread(self):
        if getattr(self, "_sercost", None) is not None:
            self._writer.send_bytes = _Feeder(self._writer, self._sercost)
        return start_thread(self)

    def traced_feed(buffer, notempty, send_bytes, writelock, *rest):
        if type(send_bytes) is not _Feeder:
            return feed(buffer, notempty, send_bytes, writelock, *rest)
        began = now()
        try:
            return feed(send_bytes.buffer(buffer), notempty, send_bytes, send_bytes.lock(writelock), *rest)
        finally:
            _recorder().write(DISPATCHER, began, now())

    queues.Queue._start_thread = _in_place_of(start_thread, traced_start_thread)
    queues.Queue._feed = staticmethod(_in_place_of(feed, traced_feed))


class _Feeder:
    """Stands in for the buffer, the lock and the send of a feeder thread, and takes a stamp in each."""

    def __init__(self, writer, job):
        self.writer, self.job = writer, job
        self.send = type(writer).send_bytes
        self.index = None
        self.turn = 0
        self.dense = self.sampled = True
        self.written = 0
        self.kind = 0

    def buffer(self, buffer):
        self.items = buffer
        return self

    def lock(self, lock):
        return _FeederLock(lock, self)

    # The buffer.

    def __len__(self):
        return len(self.items)

    def popleft(self):
        if self.index is not None:
            # It was taken and not sent: it could not be pickled.
            _recorder().write(FAILED, self.job, self.index, self.began, now())
            self.index = None
        item = self.items.popleft()
        self.entered = now()
        self.index = getattr(item, "work_id", None)
        self.sampled = self.dense or not self.turn & _SHARE
        self.turn += 1
        self.cpu_entered = cpu() if self.sampled else 0
        self.began = now()
        return item

    # The send.

    def __call__(self, message):
        sending = now()
        self.send(self.writer, message)
        sent = now()
        cpu_sent = cpu() if self.sampled else 0
        index, self.index = self.index, None
        if index is None:
            return
        self.dense = sent - self.began > _SHORT_NS
        recorder = _recorder()
        if not self.kind:
            self.kind = SEND | _thread_bits()
        offset = recorder.take()
        if offset < recorder.end or recorder.grow(offset):
            recorder.pack(recorder.memory, offset, self.kind, self.job, index, len(message), 0, 0, self.entered,
                          self.began, self.dumped, sending, sent, self.cpu_entered, self.cpu_dumped, cpu_sent,
                          self.written, sent)
        self.written = now()


class _FeederLock:
    def __init__(self, lock, feeder):
        self.lock, self.feeder = lock, feeder
        self.release = lock.release

    def acquire(self):
        feeder = self.feeder
        feeder.dumped = now()
        feeder.cpu_dumped = cpu() if feeder.sampled else 0
        return self.lock.acquire()
