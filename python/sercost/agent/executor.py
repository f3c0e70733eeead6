"""The agent's hooks on ``concurrent.futures.ProcessPoolExecutor``."""

import os
from _thread import get_ident
from time import perf_counter_ns as now, thread_time_ns as cpu

from .hooks import (
    PAUSE_NS,
    Items,
    in_place_of,
    once,
    result_lanes,
    saying_exits,
    traced_get,
    traced_initializer,
    traced_put,
    traced_receive,
)
from .layout import CLOSE, DISPATCHER, FAILED, SEND, SUBMIT, WAKE
from .processes import boot, worker_functions
from .records import own_recorder, thread_bits


def patch(process):
    """Hooks ``concurrent.futures.process``."""
    import multiprocessing.queues as queues

    if not once(process):
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
        results.recv = traced_receive(results, _result_item_key(job))

    def traced_shutdown(self, *args, **kwargs):
        own_recorder().write(CLOSE, now())
        return shutdown(self, *args, **kwargs)

    def traced_work_item(self, future, *args, **kwargs):
        future._sercost_at = now()
        work_item(self, future, *args, **kwargs)

    def traced_worker(call_queue, result_queue, initializer=None, *args, **kwargs):
        boot(now())
        job = _executor_job(call_queue)
        call_queue.get, state = traced_get(call_queue, _call_item_key(job), call_queue._sem.release)
        result_queue.put = traced_put(result_queue, state, _worker_result_key(job))
        Items.state = state
        with saying_exits():
            return worker(call_queue, result_queue, traced_initializer(initializer), *args, **kwargs)

    def traced_chunk(fn, chunk):
        if Items.state is None:
            return process_chunk(fn, chunk)
        return Items.call(fn, chunk)

    def traced_result(self, timeout=None):
        try:
            return result(self, timeout)
        finally:
            key = getattr(self, "_sercost", None)
            if key is not None and self.done():
                own_recorder().write(WAKE, key[0], key[1], now())

    def delivering(original):
        def traced(self, *args, **kwargs):
            original(self, *args, **kwargs)
            lane = result_lanes.get(get_ident())
            if lane is not None and lane.delivered:
                lane.words[lane.delivered] = now()
                lane.delivered = 0

        return in_place_of(original, traced)

    executor.__init__ = in_place_of(init, traced_init)
    executor.shutdown = in_place_of(shutdown, traced_shutdown)
    process._WorkItem.__init__ = in_place_of(work_item, traced_work_item)
    process._process_worker = in_place_of(worker, traced_worker)
    worker_functions.append(traced_worker)
    process._process_chunk = in_place_of(process_chunk, traced_chunk)
    future.result = in_place_of(result, traced_result)
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
                own_recorder().write(SUBMIT, job, index, getattr(work.future, "_sercost_at", 0), now())
        return put(call_queue, item, block, timeout)

    return traced


def _patch_feeder(queues):
    """Hooks the thread that pickles the calls, by what is handed to it, since its code differs between versions."""
    start_thread, feed = queues.Queue._start_thread, queues.Queue._feed

    def traced_start_thread(self):
        if getattr(self, "_sercost", None) is not None:
            self._send_bytes = _Feeder(self._writer, self._sercost)
        return start_thread(self)

    def traced_feed(buffer, notempty, send_bytes, writelock, *rest):
        if type(send_bytes) is not _Feeder:
            return feed(buffer, notempty, send_bytes, writelock, *rest)
        began = now()
        try:
            return feed(send_bytes.buffer(buffer), notempty, send_bytes, send_bytes.lock(writelock), *rest)
        finally:
            own_recorder().write(DISPATCHER, began, now())

    queues.Queue._start_thread = in_place_of(start_thread, traced_start_thread)
    queues.Queue._feed = staticmethod(in_place_of(feed, traced_feed))


class _Feeder:
    """Stands in for the buffer, the lock and the send of a feeder thread, and takes a stamp in each."""

    def __init__(self, writer, job):
        self.writer, self.job = writer, job
        self.send = type(writer).send_bytes
        self.index = None
        self.due = 0
        self.sampled = True
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
            own_recorder().write(FAILED, self.job, self.index, self.began, now())
            self.index = None
        item = self.items.popleft()
        self.entered = now()
        self.index = getattr(item, "work_id", None)
        self.sampled = self.entered >= self.due
        if self.sampled:
            self.due = self.entered + PAUSE_NS
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
        recorder = own_recorder()
        if not self.kind:
            self.kind = SEND | thread_bits()
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
