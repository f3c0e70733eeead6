"""Runs a scenario of ``sercost tasks``: what a scenario's few lines need, and the engines that it runs on.

A scenario is a program of its own that ends in ``run(task, items)``. What sercost asked for comes in the environment
as one JSON document, also to the worker processes, which import the scenario again under spawn and forkserver. What
happens is told to sercost in lines of JSON on what was standard output.
"""

import json
import os
import pickle
import signal
import sys
from time import perf_counter_ns, thread_time_ns

from sercost.agent import processes

SETTINGS = json.loads(os.environ["SERCOST_TASKS"])

#: How many tasks there are.
TASKS = SETTINGS["tasks"]

_DIRECTORY = SETTINGS["directory"]
_CALL_NS = SETTINGS["call_ns"]

#: How many messages are encoded again when the scenario is over, and for how long at most.
_ALONE = 5
_ALONE_NS = 3_000_000_000
#: A message that is encoded in less time is encoded twice, and the second time counts.
_SHORT_NS = 1_000_000

if SETTINGS["record"]:
    from sercost.agent.install import HOOKS, install

    install(_DIRECTORY, "SERCOST_DRIVER" in os.environ, TASKS, SETTINGS["workers"])
    # Before anything is timed.
    for module in HOOKS:
        __import__(module)


# The functions that a scenario uses


def payload():
    """The data that ``--payload`` names."""
    import mmap

    import sercost_payload

    with open(os.path.join(_DIRECTORY, "payload"), "rb") as file:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as view:
            return sercost_payload.load(view)[0]


def work(x, data=None):
    """The work of a task: as much computing as ``--call-time`` says. Returns ``x``."""
    if _CALL_NS:
        end = perf_counter_ns() + _CALL_NS
        while perf_counter_ns() < end:
            pass
    return x


def as_buffer(data):
    """The data as bytes for shared memory: numbers as they are in an array, all else pickled."""
    if isinstance(data, bytes):
        return data, "B"
    code = SETTINGS["payload"]["numbers"]
    if code is None:
        return pickle.dumps(data, protocol=4), "B"
    import array

    return memoryview(array.array(code, data)).cast("B"), code


def shared_name():
    """A name for shared memory that sercost removes if the scenario cannot."""
    return SETTINGS["shared_name"]


def run(task, items=None, initializer=None, initargs=()):
    """Sends ``task(item)`` for each of the items through the engine, and tells sercost what came of it."""
    _Scenario(task, range(TASKS) if items is None else items, initializer, initargs).run()


# The engines


class _Scenario:
    def __init__(self, task, items, initializer, initargs):
        self.task, self.items = task, items
        self.initializer, self.initargs = initializer, initargs
        self.done = self.failed = 0
        self.error = None
        self.results = [] if SETTINGS["digest"] else None
        self.chunksize = SETTINGS["chunksize"]

    def run(self):
        began = perf_counter_ns()
        _Engine = _Pool if SETTINGS["engine"] == "pool" else _Executor
        engine = _Engine(self)
        processes.lost = _tell_lost
        try:
            engine.run()
        except Exception as error:
            self.fail(error)
        ended = perf_counter_ns()
        alone = self.alone(engine) if SETTINGS["alone"] else None
        _tell(event="done", done=self.done, failed=self.failed, error=self.error, began_ns=began, ended_ns=ended,
              digest=self.digest(), alone=alone)

    def fail(self, error):
        self.failed += 1
        if self.error is None:
            self.error = _in_words(error)

    def take(self, result):
        self.done += 1
        if self.results is not None:
            self.results.append(result)

    def consume(self, results):
        """Takes the results one by one, as a loop over them would, but goes on after one that is an exception."""
        following = iter(results).__next__
        if self.results is None:
            done = 0
            while True:
                try:
                    following()
                    done += 1
                except StopIteration:
                    break
                except Exception as error:
                    if _is_end(error):
                        self.done += done
                        raise
                    self.fail(error)
            self.done += done
            return
        while True:
            try:
                self.take(following())
            except StopIteration:
                return
            except Exception as error:
                if _is_end(error):
                    raise
                self.fail(error)

    def digest(self):
        if self.results is None:
            return None
        import hashlib

        return hashlib.sha256(pickle.dumps(self.results, protocol=4)).hexdigest()

    def alone(self, engine):
        """The first messages encoded again with nothing else going on: the sizes and the times of each."""
        from itertools import islice

        sizes, times, cpu = [], [], []
        first = None
        until = perf_counter_ns() + _ALONE_NS
        items = [self.items[at] for at in range(min(len(self.items), _ALONE * (self.chunksize or 1)))]
        try:
            for message in islice(engine.messages(items), _ALONE):
                encoded, wall, on_cpu = _encode(message)
                if wall < _SHORT_NS:
                    # Among others of its kind the code that it takes is in the processor's caches.
                    encoded, wall, on_cpu = _encode(message)
                cpu.append(on_cpu)
                times.append(wall)
                sizes.append(len(encoded))
                if first is None:
                    first = encoded
                    _keep(encoded)
                del encoded
                if perf_counter_ns() > until:
                    break
        except Exception as error:
            return {"error": _in_words(error), "sizes": [], "times_ns": [], "cpu_ns": []}
        return {"error": None, "sizes": sizes, "times_ns": times, "cpu_ns": cpu}


def _encode(message):
    """The encoded message, with the wall and CPU time of encoding it."""
    from multiprocessing.reduction import ForkingPickler

    cpu_began = thread_time_ns()
    began = perf_counter_ns()
    encoded = ForkingPickler.dumps(message)
    ended = perf_counter_ns()
    return encoded, ended - began, thread_time_ns() - cpu_began


class _Pool:
    """``multiprocessing.Pool``"""

    def __init__(self, scenario):
        self.scenario = scenario
        self.call = SETTINGS["call"]

    def run(self):
        import multiprocessing

        scenario, call = self.scenario, self.call
        context = multiprocessing.get_context(SETTINGS["start"])
        with context.Pool(SETTINGS["workers"], scenario.initializer, scenario.initargs) as pool:
            if call in ("imap", "imap_unordered"):
                method = getattr(pool, call)
                scenario.consume(method(scenario.task, scenario.items, scenario.chunksize or 1))
            elif call == "map":
                scenario.consume(pool.map(scenario.task, scenario.items, scenario.chunksize))
            elif call == "starmap":
                scenario.consume(pool.starmap(scenario.task, [(x,) for x in scenario.items], scenario.chunksize))
            elif call == "apply":
                items = list(scenario.items)
                scenario.consume(_Draining(items, lambda x: pool.apply(scenario.task, (x,))))
            else:
                pending = [pool.apply_async(scenario.task, (x,)) for x in scenario.items]
                scenario.consume(_Draining(pending, lambda result: result.get()))

    def messages(self, items):
        import multiprocessing.pool as pool

        task, chunksize = self.scenario.task, self.scenario.chunksize
        job = SETTINGS["first_job"]
        if self.call in ("apply", "apply_async"):
            for i, x in enumerate(items):
                yield (job + i, 0, task, (x,), {})
        elif self.call in ("imap", "imap_unordered") and (chunksize or 1) == 1:
            for i, x in enumerate(items):
                yield (job, i, task, (x,), {})
        else:
            if chunksize is None:
                chunksize, extra = divmod(TASKS, SETTINGS["workers"] * 4)
                chunksize += bool(extra)
                items = [self.scenario.items[at] for at in range(min(TASKS, _ALONE * chunksize))]
            mapper = pool.mapstar
            if self.call == "starmap":
                mapper, items = pool.starmapstar, [(x,) for x in items]
            for i, chunk in enumerate(pool.Pool._get_tasks(task, items, chunksize)):
                yield (job, i, mapper, (chunk,), {})


class _Executor:
    """``concurrent.futures.ProcessPoolExecutor``"""

    def __init__(self, scenario):
        self.scenario = scenario

    def run(self):
        import concurrent.futures
        import multiprocessing

        scenario = self.scenario
        context = multiprocessing.get_context(SETTINGS["start"])
        with concurrent.futures.ProcessPoolExecutor(
            SETTINGS["workers"], context, scenario.initializer, scenario.initargs
        ) as executor:
            if SETTINGS["call"] == "map":
                scenario.consume(executor.map(scenario.task, scenario.items, chunksize=scenario.chunksize or 1))
            else:
                pending = [executor.submit(scenario.task, x) for x in scenario.items]
                scenario.consume(_Draining(pending, lambda future: future.result()))

    def messages(self, items):
        import concurrent.futures.process as process
        from functools import partial

        task, chunksize = self.scenario.task, self.scenario.chunksize or 1
        # 3.8 keeps the arguments of submit as a list.
        arguments = tuple if sys.version_info >= (3, 9) else list
        if SETTINGS["call"] != "map":
            for i, x in enumerate(items):
                yield process._CallItem(i, task, arguments((x,)), {})
            return
        function = partial(process._process_chunk, task)
        for i in range(0, len(items), chunksize):
            chunk = tuple((x,) for x in items[i : i + chunksize])
            yield process._CallItem(i // chunksize, function, arguments((chunk,)), {})


class _Draining:
    """The pending results in order, none of them held longer than its turn. Unlike a generator it goes on after one
    that is an exception."""

    def __init__(self, pending, wait):
        pending.reverse()
        self.pending, self.wait = pending, wait

    def __iter__(self):
        return self

    def __next__(self):
        if not self.pending:
            raise StopIteration
        return self.wait(self.pending.pop())


def _is_end(error):
    """Whether nothing can come any more."""
    return type(error).__name__ == "BrokenProcessPool"


# Talking to sercost


def _in_words(error):
    text = "%s: %s" % (type(error).__name__, error)
    return text if len(text) <= 300 else text[:299] + "…"


def _keep(encoded):
    """Leaves the encoded task for sercost to look into, if there is room."""
    path = os.path.join(_DIRECTORY, "task.pickle")
    try:
        with open(path, "wb") as file:
            file.write(encoded)
    except OSError:
        try:
            os.unlink(path)
        except OSError:
            pass


def _tell(**event):
    if _events is not None:
        line = json.dumps(event).encode() + b"\n"
        try:
            while line:
                line = line[os.write(_events, line):]
        except OSError:
            pass


def _tell_lost(pid, code):
    _tell(event="lost", pid=pid, code=code)


def _open_events():
    """Takes standard output for the events, and gives what the scenario prints to standard error."""
    events = os.dup(1)
    os.dup2(2, 1)
    return events


def _end_with_sercost():
    """Standard input is a pipe whose other end sercost holds: when that closes, everything here ends.

    By a signal and not by a thread, since a process with threads should not fork.
    """
    import fcntl
    import select

    def ended(*_):
        if not select.select([0], [], [], 0)[0]:
            return
        import glob
        import shutil

        shutil.rmtree(_DIRECTORY, ignore_errors=True)
        for path in ["/dev/shm/" + shared_name()] + glob.glob("/dev/shm/sem.%s-*" % shared_name()):
            try:
                os.unlink(path)
            except OSError:
                pass
        os.killpg(0, signal.SIGKILL)

    signal.signal(signal.SIGIO, ended)
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC | os.O_NONBLOCK)
    ended()


def _keep_files_together():
    """Has ``multiprocessing`` put its socket for the fork server into our directory, and give its semaphores names that
    are ours, so that sercost finds them when all was ended by force."""
    from multiprocessing import process

    config = process.current_process()._config
    # The limit of a socket's name, less some room for the name of the file.
    if len(os.fsencode(_DIRECTORY)) < 80:
        config["tempdir"] = _DIRECTORY
    config["semprefix"] = "/" + shared_name()


_events = None
if os.environ.pop("SERCOST_DRIVER", None):
    # The process that sercost itself started, and not a worker, which inherits the environment without it.
    _events = _open_events()
    _end_with_sercost()
    _keep_files_together()
    _tell(event="started", python="%d.%d.%d" % sys.version_info[:3], pid=os.getpid())
