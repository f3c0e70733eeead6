"""Runs a scenario of ``sercost tasks``: what a scenario's few lines need, and the engines that it runs on.

A scenario is a program that calls ``run(task, items)``, once or several times. What sercost asked for comes in the environment
as one JSON document, also to the worker processes, which import the scenario again under spawn and forkserver. What
happens is told to sercost in lines of JSON on what was standard output.
"""

import json
import os
import pickle
import signal
import sys
from time import perf_counter_ns

from sercost import scenario
from sercost.agent import processes
from sercost.engines import ENGINES

SETTINGS = json.loads(os.environ["SERCOST_TASKS"])

#: How many tasks there are.
TASKS = SETTINGS["tasks"]

_DIRECTORY = SETTINGS["directory"]
_CALL_NS = SETTINGS["call_ns"]

#: The calls of ``run`` that are recorded; a program may make a pool for each of thousands of steps.
_MOST_CALLS = 100
_calls = 0
_busy = False

if SETTINGS["record"]:
    from sercost.agent.install import HOOKS, install

    # Where the link leads is another directory for each call.
    install(os.path.join(_DIRECTORY, "now"), "SERCOST_DRIVER" in os.environ)
    # Before anything is timed.
    for module in HOOKS:
        __import__(module)


# The functions that a scenario uses


def payload():
    """The data that ``--payload`` names."""
    import mmap

    if SETTINGS["payload"] is None:
        raise RuntimeError("there is no data for payload(); name it with --payload")
    _tell(event="payload")

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


def run(task, *iterables, keywords=None, results=False, engine=None, call=None, start=None, workers=None, chunksize=None,
        initializer=None, initargs=(), maxtasksperchild=None, callback=None, error_callback=None, buffersize=None):
    """Sends ``task(item)`` for each of the items through a pool of its own, and tells sercost what came of it.

    With several iterables a task gets an item of each. The rest is as for the pool or executor and its method, and what
    is said on the command line goes before it. Returns the results in their order where ``results`` is true.
    """
    global _calls, _busy
    if _busy:
        raise RuntimeError("run(...) was called while another one is under way; call them one after the other")
    said = {"engine": engine, "call": call, "start": start, "workers": workers, "chunksize": chunksize}
    defaults = {"engine": "pool", "workers": 2}
    options = {name: _first(SETTINGS[name], value, defaults.get(name)) for name, value in said.items()}
    options.update(initializer=initializer, initargs=initargs, maxtasksperchild=maxtasksperchild, callback=callback,
                   error_callback=error_callback, buffersize=buffersize)
    for name in ("workers", "chunksize"):
        if options[name] is not None and not options[name] >= 1:
            raise ValueError("%s has to be at least 1, and %r is given" % (name, options[name]))
    own = scenario.Call(task, iterables or (range(TASKS),), keywords, options, results or SETTINGS["digest"])
    if options["engine"] not in ENGINES:
        names = " and ".join(ENGINES)
        raise ValueError("there is no engine %s for run(...); there are %s" % (options["engine"], names))
    engine = ENGINES[options["engine"]](own)
    _busy = True
    try:
        _run(own, engine)
    finally:
        _busy = False
    return own.results if results else None


def _first(*values):
    return next((value for value in values if value is not None), None)


def _run(call, engine):
    global _calls
    import multiprocessing

    options = call.options
    _calls += 1
    is_recorded = SETTINGS["record"] and _calls <= _MOST_CALLS
    start = options["start"] or multiprocessing.get_start_method()
    if SETTINGS["record"]:
        _next_records(_calls if is_recorded else None, call.count() or TASKS, options["workers"])
    processes.lost = _tell_lost
    name = getattr(call.task, "__qualname__", None) or getattr(getattr(call.task, "func", None), "__qualname__", None)
    engine.first_job()
    _tell(event="call", number=_calls, engine=options["engine"], call=engine.method, start=start, workers=options["workers"],
          chunksize=engine.chunksize if engine.chunksize != 1 else None, tasks=call.count(), function=name,
          recorded=is_recorded)
    began = perf_counter_ns()
    try:
        engine.run()
    except Exception as error:
        call.fail(error)
    ended = perf_counter_ns()
    _tell(event="ended")
    alone = same = None
    error = _in_words(call.error) if call.error is not None else None
    if is_recorded:
        # What takes a large argument apart should not hold up what comes after a call that is one of many.
        alone, same = _alone(call, engine), call.same_paths()
    call.error = None
    digest = scenario.digest_of(call.results) if SETTINGS["digest"] else None
    _tell(event="done", done=call.done, failed=call.failed, error=error, began_ns=began, ended_ns=ended,
          digest=digest, alone=alone, same=same or [], iterated_ns=call.iterated_ns())


def _alone(call, engine):
    """The first messages encoded again by themselves."""
    try:
        alone = call.alone(engine, lambda encoded: _keep("task", encoded))
    except Exception as error:
        return {"error": _in_words(error), "sizes": [], "times_ns": [], "cpu_ns": []}
    try:
        encoded = call.first_result()
        if encoded is not None:
            _keep("result", encoded)
    except Exception:
        # It came out of a worker and is not made for a second way.
        pass
    return dict(alone, error=None)


def _next_records(number, tasks, workers):
    """Has this process and the workers that are started from now on record for call ``number``, or nowhere."""
    from sercost.agent import records

    link = os.path.join(_DIRECTORY, "now")
    new = link + ".new"
    try:
        if number is None:
            os.unlink(link)
        else:
            name = "call-%d" % number
            os.mkdir(os.path.join(_DIRECTORY, name), 0o700)
            os.symlink(name, new)
            os.replace(new, link)
    except OSError:
        # There is no room: the recorder says so.
        pass
    records.begin_again(tasks, workers)


# Talking to sercost


def _in_words(error):
    text = "%s: %s" % (type(error).__name__, error)
    return text if len(text) <= 300 else text[:299] + "…"


def _keep(what, encoded):
    """Leaves an encoded task or result for sercost to look into, if there is room."""
    path = os.path.join(_DIRECTORY, "%s-%d.pickle" % (what, _calls))
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
