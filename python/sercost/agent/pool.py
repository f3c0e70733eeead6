"""The agent's hooks on ``multiprocessing.Pool``."""

from _thread import get_ident
from time import perf_counter_ns as now, thread_time_ns as cpu

from . import records
from .hooks import (
    PAUSE_NS,
    Items,
    in_place_of,
    once,
    saying_exits,
    traced_get,
    traced_initializer,
    traced_put,
    traced_receive,
    writer,
)
from .layout import (
    CLOSE,
    DISPATCHER,
    FAILED,
    ITERATED,
    LAST,
    SEND,
    SUBMIT,
    WAKE,
    WAKES,
    WAKES_JOB,
    WAKES_WOKEN,
    WATCH,
)
from .processes import boot, worker_functions
from .records import SCRATCH, own_recorder, thread_bits


def patch(pool):
    """Hooks ``multiprocessing.pool``."""
    if not once(pool):
        return
    cls = pool.Pool
    setup, generation = cls._setup_queues, cls._guarded_task_generation
    apply_async, handle_tasks = cls.apply_async, cls._handle_tasks
    handle_workers, wait_for_updates = cls._handle_workers.__func__, cls._wait_for_updates
    worker, helper = pool.worker, pool._helper_reraises_exception
    # How results come to the consumer: one by one in the order of tasks or of arrival, or all at once.
    orders = {pool.IMapIterator: 1, pool.IMapUnorderedIterator: 2, pool.MapResult: 3}

    def traced_setup(self):
        setup(self)
        iterated = self._sercost = [0, 0]
        self._quick_put = _traced_send(self._inqueue._writer, iterated)
        self._quick_get = traced_receive(self._outqueue._reader, _pool_key)

    def traced_generation(self, result_job, func, iterable):
        iterated = getattr(self, "_sercost", None)
        if iterated is None:
            return generation(self, result_job, func, iterable)
        own_recorder().write(SUBMIT, result_job, -1, now(), 0, orders.get(type(self._cache.get(result_job)), 0))
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
            own_recorder().write(ITERATED, job, i + 1, began, now())
        except Exception as e:
            yield (job, i + 1, helper, (e,), {})

    def traced_apply_async(self, *args, **kwargs):
        began = now()
        result = apply_async(self, *args, **kwargs)
        if getattr(self, "_sercost", None) is not None:
            own_recorder().write(SUBMIT, result._job, 0, began, 0)
        return result

    def traced_handle_tasks(*args, **kwargs):
        began = now()
        try:
            return handle_tasks(*args, **kwargs)
        finally:
            own_recorder().write(DISPATCHER, began, now())

    # How often each thread that watches over the workers of a pool was woken.
    woken = {}

    def counted_wait(*args, **kwargs):
        thread = get_ident()
        woken[thread] = woken.get(thread, 0) + 1
        return wait_for_updates(*args, **kwargs)

    def traced_handle_workers(cls, cache, taskqueue, ctx, Process, processes, pool, inqueue, *args, **kwargs):
        # The count of the process that this one was forked from is not ours.
        woken[get_ident()] = 0
        try:
            return handle_workers(cls, cache, taskqueue, ctx, Process, processes, pool, inqueue, *args, **kwargs)
        finally:
            times = woken.pop(get_ident(), 0)
            # Not for the threads of a ThreadPool.
            if hasattr(inqueue, "_rlock"):
                own_recorder().write(WATCH, cpu(), times)

    def traced_worker(inqueue, outqueue, initializer=None, *args, **kwargs):
        # Not in the threads of a ThreadPool, whose queues have no locks of their own.
        if hasattr(inqueue, "_rlock"):
            boot(now())
            inqueue.get, state = traced_get(inqueue, _pool_key, None)
            outqueue.put = traced_put(outqueue, state, _pool_result_key)
            Items.state = state
            initializer = traced_initializer(initializer)
        with saying_exits():
            return worker(inqueue, outqueue, initializer, *args, **kwargs)

    def mapstar(args):
        if Items.state is None:
            return original_mapstar(args)
        return Items.call(args[0], zip(*args[1:]))

    def starmapstar(args):
        if Items.state is None:
            return original_starmapstar(args)
        return Items.call(args[0], args[1])

    def closing(original):
        def traced(self):
            own_recorder().write(CLOSE, now())
            return original(self)

        return in_place_of(original, traced)

    original_mapstar, original_starmapstar = pool.mapstar, pool.starmapstar
    pool.mapstar = in_place_of(original_mapstar, mapstar)
    pool.starmapstar = in_place_of(original_starmapstar, starmapstar)
    pool.worker = in_place_of(worker, traced_worker)
    worker_functions.append(traced_worker)
    cls._setup_queues = in_place_of(setup, traced_setup)
    cls._guarded_task_generation = in_place_of(generation, traced_generation)
    cls.apply_async = in_place_of(apply_async, traced_apply_async)
    cls._handle_tasks = staticmethod(in_place_of(handle_tasks, traced_handle_tasks))
    cls._handle_workers = classmethod(in_place_of(handle_workers, traced_handle_workers))
    cls._wait_for_updates = staticmethod(in_place_of(wait_for_updates, counted_wait))
    cls.close = closing(cls.close)
    cls.terminate = closing(cls.terminate)
    _patch_results(pool)


def _pool_key(task):
    return (task[0], task[1]) if task is not None else (-1, -1)


def _pool_result_key(result):
    return result[0], result[1], 1 if result[2][0] else 0


def _patch_results(pool):
    """Hooks what the consumer calls."""
    iterator, following, waiting = pool.IMapIterator.__init__, pool.IMapIterator.next, pool.ApplyResult.get

    def traced_next(self, timeout=None):
        try:
            item = following(self, timeout)
        except StopIteration:
            raise
        except BaseException as error:
            # Without a result when the time was up, unless that is the task's own exception.
            if timeout is None or not isinstance(error, pool.TimeoutError):
                own_recorder().write(WAKE, self._job, -1, now())
            raise
        woken = now()
        recorder, place = self._sercost
        try:
            # After a fork the places are those of the process before.
            at = place() if recorder is records.current else more_places(self)
        except IndexError:
            at = more_places(self)
        records.current.words[at] = woken
        return item

    def more_places(self):
        recorder = own_recorder()
        words = recorder.words
        offset = recorder.take()
        if offset >= recorder.end and not recorder.grow(offset):
            return SCRATCH
        at = offset >> 3
        words[at + WAKES_JOB] = self._job
        words[at] = WAKES | thread_bits()
        # Several threads may ask for results, and taking from a list is one step.
        self._sercost = recorder, list(range(at + LAST, at + WAKES_WOKEN, -1)).pop
        return at + WAKES_WOKEN

    def traced_iterator(self, *args, **kwargs):
        self._sercost = None, [].pop
        iterator(self, *args, **kwargs)

    def traced_get(self, timeout=None):
        try:
            return waiting(self, timeout)
        finally:
            if self.ready():
                own_recorder().write(WAKE, self._job, -1, now())

    pool.IMapIterator.__init__ = in_place_of(iterator, traced_iterator)
    pool.IMapIterator.next = pool.IMapIterator.__next__ = in_place_of(following, traced_next)
    pool.ApplyResult.get = in_place_of(waiting, traced_get)


def _traced_send(connection, iterated):
    """``Connection.send`` in the thread that hands out the tasks."""
    from multiprocessing.reduction import ForkingPickler

    recorder = own_recorder()
    pack, memory, take = recorder.pack, recorder.memory, recorder.take
    dumps = ForkingPickler.dumps
    write = writer(connection)
    kind = 0
    due = 0
    written = 0

    def send(task):
        nonlocal kind, due, written
        if task is None:
            return type(connection).send(connection, task)
        entered = now()
        if not kind:
            kind = SEND | thread_bits()
        if connection._handle is None:
            connection._check_closed()
        if entered >= due:
            due = entered + PAUSE_NS
            cpu_entered = cpu()
            began = now()
        else:
            cpu_entered = cpu_dumped = cpu_sent = 0
            began = entered
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
        offset = take()
        if offset < recorder.end or recorder.grow(offset):
            pack(memory, offset, kind, task[0], task[1], size, iterated[0], iterated[1], entered, began, dumped, sending,
                 sent, cpu_entered, cpu_dumped, cpu_sent, written, freed)
        iterated[0] = iterated[1] = 0
        written = now()

    return send
