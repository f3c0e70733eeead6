"""One call of ``run``: its items, what came of them, and a look at both when it is over.

Nothing here is in a worker's way: workers call the task itself.
"""

import pickle
from functools import partial
from itertools import islice
from time import perf_counter_ns, thread_time_ns

#: How many messages are encoded again when the call is over, and for how long at most.
ALONE = 5
_ALONE_NS = 3_000_000_000
#: The same where the items can be had only once, so that they have to be kept meanwhile.
KEPT = 2
#: A message that is encoded in less time is encoded twice, and the second time counts.
_SHORT_NS = 1_000_000
#: The most members of an item that are looked at one by one.
_MEMBERS = 16
#: Text and bytes up to that are too light to matter, whether or not they are the same in all tasks.
_LIGHT = 1000


class Call:
    """The items of a call, its settings, and what came of it."""

    def __init__(self, task, iterables, keywords, options, keeps):
        self.task, self.keywords, self.options = task, dict(keywords or {}), options
        self.columns = [_Column(x) for x in iterables]
        self.done = self.failed = 0
        self.error = None
        self.results = [] if keeps else None
        #: The first result, in a list; empty until it is there.
        self.first = []
        self.same = _Same()
        if any(column.is_once for column in self.columns):
            self._watch()

    @property
    def is_single(self):
        """Whether a task gets one item, and not one of each of several iterables."""
        return len(self.columns) == 1

    def count(self):
        """The number of tasks, where it is known beforehand."""
        counts = [column.count() for column in self.columns]
        known = [count for count in counts if count is not None]
        return min(known) if known and len(known) == len(counts) else None

    def keep(self, most):
        """Has this many items of what can be had only once kept; all where it is ``None``."""
        for column in self.columns:
            column.most = most

    def time_iterators(self):
        """Has the time counted that the program's own thread takes for the items."""
        for column in self.columns:
            column.is_timed = column.is_once

    def iterated_ns(self):
        """The time that it took; ``None`` where it was not counted."""
        timed = [column.ns for column in self.columns if column.is_timed]
        return sum(timed) if timed else None

    def iterables(self):
        return [column.iterable() for column in self.columns]

    def items(self):
        """An iterable over the items of a single one, or over tuples of items."""
        return self.columns[0].iterable() if self.is_single else zip(*self.iterables())

    def arguments(self):
        """An iterable over the arguments of each task, as tuples."""
        return ((x,) for x in self.columns[0].iterable()) if self.is_single else zip(*self.iterables())

    def first_arguments(self, most):
        """The arguments of the first tasks once more."""
        return list(islice(zip(*[column.again() for column in self.columns]), most))

    def _watch(self):
        for at, column in enumerate(self.columns):
            if column.is_once:
                column.same = _Same("args[%d]" % at)

    def same_paths(self):
        """The paths at which all tasks have one and the same object."""
        if self.done + self.failed < 2:
            return []
        paths = []
        for at, column in enumerate(self.columns):
            same = column.same
            if same is None:
                same = _Same("args[%d]" % at)
                for x in column.again():
                    same.take(x)
                    if not same.left:
                        break
            paths.extend(same.paths())
        return paths

    def fail(self, error):
        self.failed += 1
        if self.error is None:
            self.error = error

    def take(self, result):
        if self.results is not None:
            self.results.append(result)
        elif not self.done:
            self.first.append(result)
        self.done += 1

    def consume(self, results):
        """Takes the results one by one, as a loop over them would, but goes on after one that is an exception."""
        following = iter(results).__next__
        if self.results is None:
            # As little as can be done with each of them.
            done = 0
            while True:
                try:
                    result = following()
                    if not done:
                        self.first.append(result)
                    del result
                    done += 1
                    while True:
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

    def alone(self, engine, keep):
        """The first messages encoded again with nothing else going on: the sizes and the times of each. ``keep`` is
        called with the first one."""
        sizes, times, cpu = [], [], []
        kept = None
        until = perf_counter_ns() + _ALONE_NS
        for message in islice(engine.messages(), ALONE):
            encoded, wall, on_cpu = _encode(message)
            if wall < _SHORT_NS:
                # Among others of its kind the code that it takes is in the processor's caches.
                encoded, wall, on_cpu = _encode(message)
            cpu.append(on_cpu)
            times.append(wall)
            sizes.append(len(encoded))
            if kept is None:
                kept = True
                keep(encoded)
            del encoded
            if perf_counter_ns() > until:
                break
        return {"sizes": sizes, "times_ns": times, "cpu_ns": cpu}

    def first_result(self):
        """The first result as it is encoded; ``None`` without one."""
        results = self.results or self.first
        return _encode(results[0])[0] if results else None


class _Column:
    """What a program iterates over. An iterator gives its items once, so the first of them are kept as they pass."""

    def __init__(self, x):
        self.x = x
        self.is_once = iter(x) is x
        self.most = KEPT
        self.kept = []
        self.same = None
        #: Whether the thread of the program asks for the items, where no record is taken of it, and how long that took.
        self.is_timed = False
        self.ns = 0

    def count(self):
        try:
            return len(self.x)
        except TypeError:
            return None

    def iterable(self):
        if not self.is_once:
            return self.x
        return self._timed() if self.is_timed else self._passing()

    def again(self):
        return iter(self.kept if self.is_once else self.x)

    def _passing(self):
        keep, take = self.kept.append, self.same.take
        for x in islice(self.x, self.most):
            keep(x)
            take(x)
            yield x
        while self.same.left:
            try:
                x = next(self.x)
            except StopIteration:
                return
            take(x)
            yield x
            del x
        yield from self.x

    def _timed(self):
        following = self._passing().__next__
        while True:
            began = perf_counter_ns()
            try:
                x = following()
            except StopIteration:
                return
            finally:
                self.ns += perf_counter_ns() - began
            yield x
            del x


class _Same:
    """The members of an item that are one and the same object in all items so far."""

    def __init__(self, path=""):
        self.path = path
        #: The path of each, the way to it from the item, and the object; ``None`` before the first item.
        self.left = [(path, _itself, None)]
        self.begun = False

    def take(self, x):
        if not self.begun:
            self.begun = True
            self.left = [own for own in self._members(x) if not _is_light(own[2])]
            return
        self.left = [own for own in self.left if _reached(own[1], x) is own[2]]

    def paths(self):
        return [path for path, _, _ in self.left] if self.begun else []

    def _members(self, x):
        yield self.path, _itself, x
        if type(x) in (tuple, list) and len(x) <= _MEMBERS:
            for at, member in enumerate(x):
                yield "%s[%d]" % (self.path, at), partial(_item, at), member
        elif type(x) is dict and len(x) <= _MEMBERS:
            for key, member in x.items():
                if type(key) is str:
                    yield '%s["%s"]' % (self.path, key), partial(_item, key), member
        else:
            members = getattr(x, "__dict__", None)
            if type(members) is dict and len(members) <= _MEMBERS:
                for name, member in members.items():
                    yield "%s.%s" % (self.path, name), partial(_attribute, name), member


def _itself(x):
    return x


def _item(key, x):
    return x[key]


def _attribute(name, x):
    return vars(x)[name]


def _reached(way, x):
    try:
        return way(x)
    except (LookupError, TypeError):
        return _reached


def _is_light(x):
    if type(x) in (str, bytes, bytearray):
        return len(x) <= _LIGHT
    return x is None or type(x) in (int, float, bool, complex) or callable(x)


def _encode(message):
    """The encoded message, with the wall and CPU time of encoding it."""
    from multiprocessing.reduction import ForkingPickler

    cpu_began = thread_time_ns()
    began = perf_counter_ns()
    encoded = ForkingPickler.dumps(message)
    ended = perf_counter_ns()
    return encoded, ended - began, thread_time_ns() - cpu_began


def _is_end(error):
    """Whether nothing can come any more."""
    return type(error).__name__ == "BrokenProcessPool"


class Draining:
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


def digest_of(results):
    import hashlib

    return hashlib.sha256(pickle.dumps(results, protocol=4)).hexdigest()
