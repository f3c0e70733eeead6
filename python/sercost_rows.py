"""The program that sercost runs inside CPython to measure Python rows: encode here, decode in a second interpreter.

sercost starts two interpreters for each payload and hands this text to both. One is the sender, one the receiver; between
them lies the pipe that `multiprocessing.Pipe(duplex=False)` would make, with a `multiprocessing.connection.Connection` at
each end. Nothing but the standard library is imported until a row asks for its module, and nothing is read from or
written to the standard streams: what `sitecustomize` or a module prints goes nowhere.

The protocol, on the Unix socket that is descriptor 0. A frame is the length of what follows as a 32-bit integer, little
endian, and a JSON object. sercost asks, this answers; all durations are nanoseconds of CLOCK_MONOTONIC, which is what
`time.perf_counter_ns` reads on Linux (it is checked), and what sercost reads itself.

    hello, unasked      {implementation, version, build, executable, clock, clock_overhead_ns}
    start               {role, gc, messages, pickle}, then one byte with two descriptors beside it: the payload, the
                        connection. `pickle` is null, or what there is to know of a payload that is the file of a pickle:
                        {globals, pickles, shared, unordered, each}
      answer            {error}
    row                 {name, imports, setup, hold, encode, decode, token, parts}
      answer            {version, digest, absent, error}: version of the module, digest of what will be sent (sender)
    sample              {row, repeats, count}
      the sender        {start, encode_ns, sent_at, bytes, peak_resident_bytes, error}
      the receiver      {ready}, and when the bytes have come and are decoded
                        {received_at, decode_ns, decoded_at, digest, repeats_agree, peak_resident_bytes, error}
    explain             {row}: what the last sample lost
      answer            {lossy, error}
    modules             {names}: asked of one that is to run pools
      answer            {missing}

A row's `error` is null or [stage, reason]. The end of the socket is the end of the process.

The payload comes as columns, of which `sercost_payload` makes values. Or it is the file of a pickle, of which nothing is
looked up but names that sercost knows to be those of data: see `load_pickle`.
"""

import array
import gc
import hashlib
import importlib
import io
import itertools
import json
import marshal
import mmap
import os
import pickle
import socket
import struct
import sys
import time
from multiprocessing.connection import Connection

from sercost_payload import load

clock = time.perf_counter_ns

MOST_SENTENCES = 20


# The payload.


def load_pickle(view, request):
    """The messages of a payload that is the file of a pickle: its own objects."""
    known = set(map(tuple, request["globals"]))

    class Unpickler(pickle.Unpickler):
        def find_class(self, module, name):
            if (module, name) not in known:
                raise pickle.UnpicklingError("%s.%s is not among the names of the file" % (module, name))
            try:
                return super().find_class(module, name)
            except ImportError:
                # Written by another version of Python or of numpy.
                for theirs, ours in OTHER_MODULES:
                    if module == theirs or module.startswith(theirs + "."):
                        return super().find_class(ours + module[len(theirs) :], name)
                raise

    file = io.BytesIO(view)
    count = request["pickles"]
    if request["shared"]:
        one = Unpickler(file)
        values = [one.load() for _ in range(count)]
    else:
        values = [Unpickler(file).load() for _ in range(count)]
    value = values if count > 1 else values[0]
    if not request["each"]:
        return [value]
    # A dict with messages of its own is one of which the keys are tuples: its entries are pairs.
    return list(value.items() if isinstance(value, dict) else value)


OTHER_MODULES = [("pathlib._local", "pathlib"), ("numpy._core", "numpy.core"), ("numpy.core", "numpy._core")]


# Comparing what arrived with what was sent.


def digest(values):
    """A digest that depends on the values, their types and their order, and on nothing else.

    marshal's layout of version 2 has neither references nor marks of interned strings, and floats by their bits.
    """
    try:
        # The order of sets means nothing, and marshal would write it.
        text = None if Process.unordered else marshal.dumps(values, 2)
    except ValueError:
        # Something of a class that it does not know.
        text = None
    if text is None:
        text = marshal.dumps(canonical(values), 2)
    return hashlib.blake2b(text, digest_size=8).hexdigest()


PLAIN = (type(None), bool, int, float, complex, str, bytes)


def canonical(value):
    """A value that marshal takes for a value of any class: the class, and what pickle would keep of it."""
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind is list:
        return list(map(canonical, value))
    if kind is tuple:
        return tuple(map(canonical, value))
    if kind is dict:
        return "dict", [(canonical(key), canonical(entry)) for key, entry in value.items()]
    if kind in (set, frozenset):
        return kind.__name__, sorted(marshal.dumps(canonical(entry), 2) for entry in value)
    if isinstance(value, type) or not hasattr(value, "__reduce_ex__") or hasattr(value, "__qualname__"):
        return "%s.%s" % (getattr(value, "__module__", ""), getattr(value, "__qualname__", repr(value)))
    parts = value.__reduce_ex__(2)
    if isinstance(parts, str):
        return parts
    # The function, its arguments, the state, and iterators of elements and of entries.
    parts = parts[:3] + tuple(part if part is None else list(part) for part in parts[3:5])
    return "%s.%s" % (kind.__module__, kind.__qualname__), [canonical(part) for part in parts]


class Differences:
    """The changes of values, by path and kind, each once, with how often; list items are not told apart."""

    def __init__(self):
        self.found = {}
        self.more = 0

    def add(self, path, what):
        known = self.found.get((path, what))
        if known is None and len(self.found) == MOST_SENTENCES:
            self.more += 1
        else:
            self.found[path, what] = (known or 0) + 1

    def sentences(self):
        sentences = [
            "%s: %s%s" % (path, what, " (%d times)" % count if count > 1 else "")
            for (path, what), count in self.found.items()
        ]
        if self.more:
            sentences.append("and %d more differences" % self.more)
        return sentences


def compare(sent, got):
    """The sentences about the differences of two values. Types count; NaN equals NaN. No recursion."""
    differences = Differences()
    todo = [("$", sent, got)]
    while todo:
        path, a, b = todo.pop()
        if type(a) is not type(b):
            differences.add(path, "%s became %s" % (shown(a), shown(b)))
        elif type(a) in (list, tuple):
            if len(a) != len(b):
                differences.add(path, "%s changed its length (%d became %d)" % (type(a).__name__, len(a), len(b)))
            item = path + "[*]"
            todo.extend((item, x, y) for x, y in reversed(list(zip(a, b))))
        elif isinstance(a, dict):
            compare_dicts(path, a, b, todo, differences)
        elif type(a) is float:
            if a != b and not (a != a and b != b):
                differences.add(path, "float changed")
            elif a == b and str(a) != str(b):
                differences.add(path, "negative zero lost its sign")
        elif (a != b) if type(a) in PLAIN else digest(a) != digest(b):
            differences.add(path, "%s changed" % type(a).__name__)
    return differences.sentences()


def compare_dicts(path, a, b, todo, differences):
    if list(a) == list(b) and list(map(type, a)) == list(map(type, b)):
        pass
    elif len(a) == len(b) and {str(key) for key in a} == {str(key) for key in b}:
        types = sorted({type(key).__name__ for key in a})
        theirs = sorted({type(key).__name__ for key in b})
        if types != theirs:
            differences.add(path, "keys of type %s became %s" % (" and ".join(types), " and ".join(theirs)))
        else:
            differences.add(path, "keys changed their order")
    else:
        count = "%d other keys" % len(a) if len(a) == len(b) else "%d became %d" % (len(a), len(b))
        differences.add(path, "keys changed (%s)" % count)
    todo.extend((place(path, key), a[key], b[key]) for key in reversed(list(a)) if key in b)


def place(path, key):
    if isinstance(key, str) and key.isidentifier():
        return path + "." + key
    return path + (".*" if not isinstance(key, str) else "[%s]" % json.dumps(key))


def shown(value):
    if isinstance(value, float) and value != value:
        return "NaN"
    return "null" if value is None else type(value).__name__


# Memory.


def peak_resident_bytes():
    """The high-water mark of the resident set; null where the system does not say."""
    try:
        with open("/proc/self/status", "rb") as status:
            for line in status:
                if line.startswith(b"VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def reset_peak_resident():
    try:
        with open("/proc/self/clear_refs", "w") as clear:
            clear.write("5")
    except OSError:
        pass


# Rows. The timed code is compiled from the row's own expressions, as `timeit` does, so that a call costs what it costs
# in a program. Results are kept until after the last stamp: nothing is freed inside.

SENDER = """
def trip(values, empty, clock, send, describe):
    start = clock()
    try:
        made = [{encode} for value in values]
    except BaseException as error:
        reason = describe(error)
        for _ in empty:
            send(b"")
        return start, None, None, None, ["encode", reason]
    encoded = clock()
    sending = clock()
    try:
        {send}
    except BaseException as error:
        return start, encoded, sending, made, ["transfer", describe(error)]
    return start, encoded, sending, made, None
"""

RECEIVER = """
def trip(messages, repeats, clock, receive, describe):
    try:
        {receive}
    except BaseException as error:
        return None, None, None, None, None, ["transfer", describe(error)]
    received = clock()
    decoding = clock()
    try:
        made = [{decode} for {loop}]
    except BaseException as error:
        return received, decoding, clock(), {arrived}, None, ["decode", describe(error)]
    decoded = clock()
    return received, decoding, decoded, {arrived}, made, None
"""


def describe(error):
    text = str(error)
    return "%s: %s" % (type(error).__name__, text) if text else type(error).__name__


class Row:
    """A row that is ready to be measured."""

    def __init__(self, request, role, messages):
        self.space = {}
        for name in request["imports"]:
            importlib.import_module(name)
            top = name.partition(".")[0]
            self.space[top] = sys.modules[top]
        exec(request["setup"] or "", self.space)
        self.messages = messages
        self.parts = request["parts"]
        self.hold = request["hold"]
        token = request["token"]
        self.token = eval("lambda value: " + token, self.space) if token else None
        source = SENDER if role == "send" else RECEIVER
        for name, text in self.pieces(request).items():
            source = source.replace("{%s}" % name, text)
        exec(compile(source, "<row %s>" % request["name"], "exec"), self.space)
        self.trip = self.space["trip"]

    def pieces(self, request):
        """The pieces that the templates leave open: the way of a message or a stream, of one part or several."""
        one, single = self.parts == 1, self.messages == 1
        pieces = {"encode": request["encode"], "decode": request["decode"]}
        if single:
            pieces["send"] = "send(made[0])" if one else "for part in made[0]: send(part)"
            pieces["receive"] = "data = receive()" if one else "data = [receive() for _ in range(%d)]" % self.parts
            pieces["loop"] = "_ in repeats"
            pieces["arrived"] = "[data]"
        else:
            # The expressions of a stream are those of a message: `data` is each in turn.
            pieces["send"] = "for message in made: send(message)"
            pieces["receive"] = "all = [receive() for _ in messages]"
            pieces["loop"] = "data in all"
            pieces["arrived"] = "all"
            if not one:
                pieces["send"] = "for message in made:\n            for part in message: send(part)"
                pieces["receive"] = "all = [[receive() for _ in range(%d)] for _ in messages]" % self.parts
        return pieces

    def digest(self, values):
        return digest([self.token(value) for value in values] if self.token else values)

    def holding(self, value):
        self.space["value"] = value
        try:
            return eval(self.hold, self.space)
        finally:
            del self.space["value"]


def module_version(request):
    """The version of the distribution that a row's first module is of; null for the standard library."""
    package = request["package"]
    if not package:
        return None
    try:
        from importlib.metadata import version

        return "%s %s" % (package, version(package))
    except Exception:
        module = sys.modules[request["imports"][0].partition(".")[0]]
        return "%s %s" % (package, getattr(module, "__version__", "of unknown version"))


# The process.


class Process:
    unordered = False

    def __init__(self):
        self.control = socket.socket(fileno=0)
        self.rows = {}
        self.values = None
        self.held = {}
        self.last = None

    def read(self, size):
        parts = []
        while size:
            part = self.control.recv(min(size, 1 << 20))
            if not part:
                # sercost is gone, or done with us. Nothing needs to be taken apart first.
                os._exit(0)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def ask(self):
        (size,) = struct.unpack("<I", self.read(4))
        return json.loads(self.read(size))

    def answer(self, **members):
        # Not every text that an exception carries is valid Unicode.
        text = json.dumps(members).encode("utf-8", "backslashreplace")
        try:
            self.control.sendall(struct.pack("<I", len(text)) + text)
        except OSError:
            os._exit(0)

    def descriptors(self):
        """Two descriptors, which travel beside one byte of data."""
        found = array.array("i")
        _, ancillary, _, _ = self.control.recvmsg(1, socket.CMSG_SPACE(8 * found.itemsize))
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                found.frombytes(data[: len(data) - len(data) % found.itemsize])
        return found

    def serve(self):
        self.answer(
            implementation=sys.implementation.name,
            version="%d.%d.%d" % sys.version_info[:3],
            build=sys.version,
            executable=sys.executable or "",
            clock=time.get_clock_info("perf_counter").implementation,
            clock_overhead_ns=clock_overhead_ns(),
        )
        while True:
            request = self.ask()
            getattr(self, "do_" + request["do"])(request)

    def do_start(self, request):
        self.role = request["role"]
        self.with_gc = request["gc"]
        self.messages = request["messages"]
        self.pickle = request["pickle"]
        Process.unordered = bool(self.pickle and self.pickle["unordered"])
        payload, connection = self.descriptors()
        self.payload = payload
        try:
            sends = self.role == "send"
            self.connection = Connection(connection, readable=not sends, writable=sends)
            if sends:
                # The receiver has no use for the payload, unless it arrives changed.
                self.values = self.load()
            settle()
        except BaseException as error:
            return self.answer(error=["encode", "making the payload in Python: " + describe(error)])
        self.answer(error=None)

    def load(self):
        with mmap.mmap(self.payload, 0, access=mmap.ACCESS_READ) as file, memoryview(file) as view:
            return load_pickle(view, self.pickle) if self.pickle else load(view)

    def do_row(self, request):
        answer = {"version": None, "digest": None, "absent": False, "error": None}
        try:
            row = Row(request, self.role, self.messages)
            answer["version"] = module_version(request)
            if self.role == "send":
                answer.update(self.prepared(row))
            self.rows[request["name"]] = row
        except ModuleNotFoundError as error:
            modules = [name.partition(".")[0] for name in request["imports"]]
            answer["absent"] = (error.name or "").partition(".")[0] in modules
            answer["error"] = ["encode", "%s cannot be set up: %s" % (modules[0], describe(error))]
        except BaseException as error:
            answer["error"] = ["encode", "%s cannot be set up: %s" % (request["imports"][0], describe(error))]
        settle()
        self.answer(**answer)

    def prepared(self, row):
        try:
            row.work = self.work(row)
            return {"digest": row.digest(row.work)}
        except BaseException as error:
            return {"error": ["encode", "making of the payload what is encoded: " + describe(error)]}

    def work(self, row):
        """The messages of a sample: as the row wants to have them, and from the first again after the last."""
        values = self.values
        if row.hold:
            if row.hold not in self.held:
                self.held[row.hold] = [row.holding(value) for value in values]
            values = self.held[row.hold]
        return list(itertools.islice(itertools.cycle(values), self.messages))

    def do_sample(self, request):
        row = self.rows[request["row"]]
        self.last = None
        gc.collect()
        if request["count"]:
            reset_peak_resident()
        (self.send if self.role == "send" else self.receive)(row, request["repeats"], request["count"])

    def send(self, row, repeats, counts):
        work = row.work * repeats
        empty = range(self.messages * row.parts)
        with Collecting(self.with_gc):
            start, encoded, sending, made, error = row.trip(work, empty, clock, self.connection.send_bytes, describe)
        size = None
        if made:
            messages = made[: self.messages]
            parts = messages if row.parts == 1 else [part for message in messages for part in message]
            size = (sum(memoryview(part).nbytes for part in parts) + self.messages // 2) // self.messages
        self.answer(
            start=start,
            encode_ns=None if encoded is None else encoded - start,
            sent_at=sending,
            bytes=size,
            peak_resident_bytes=peak_resident_bytes() if counts else None,
            error=error,
        )

    def receive(self, row, repeats, counts):
        messages, again, receive = range(self.messages), range(repeats), self.connection.recv_bytes
        trip, with_gc = row.trip, self.with_gc
        self.answer(ready=True)
        with Collecting(with_gc):
            received, decoding, decoded, arrived, made, error = trip(messages, again, clock, receive, describe)
        resident = peak_resident_bytes() if counts else None
        if received is None:
            # The rest of what the sender has would find no reader: this tells it, and sercost begins anew with both.
            self.connection.close()
        answer = {"digest": None, "repeats_agree": True}
        if error is None:
            try:
                answer["digest"] = row.digest(made[: self.messages])
                if self.messages == 1:
                    answer["repeats_agree"] = all(row.digest([value]) == answer["digest"] for value in made[1:])
            except BaseException as failure:
                error = ["decode", "comparing what arrived: " + describe(failure)]
            self.last = made[: self.messages]
        self.answer(
            received_at=received,
            decode_ns=None if error else decoded - decoding,
            decoded_at=decoded,
            peak_resident_bytes=resident,
            error=error,
            **answer,
        )

    def do_explain(self, request):
        """The changes of the values of the last sample; only asked for where the digests differ."""
        row, got = self.rows[request["row"]], self.last
        self.last = None
        try:
            if row.token:
                lossy = ["$: what arrived is not what was sent"]
            else:
                # Only now is it worth the memory to have the payload here too.
                sent = itertools.cycle(self.load())
                lossy = []
                for value, message in zip(got, sent):
                    lossy.extend(text for text in compare(message, value) if text not in lossy)
            self.answer(lossy=lossy[: MOST_SENTENCES + 1], error=None)
        except BaseException as error:
            self.answer(lossy=None, error=["decode", "comparing what arrived: " + describe(error)])
        settle()

    def do_modules(self, request):
        missing = []
        for name in request["names"]:
            try:
                importlib.import_module(name)
            except ImportError:
                missing.append(name)
        self.answer(missing=missing)


class Collecting:
    """The cyclic garbage collector as the user wants it, for as long as something is timed; else it is off."""

    def __init__(self, on):
        self.on = on

    def __enter__(self):
        if self.on:
            gc.enable()

    def __exit__(self, *_):
        gc.disable()


def settle():
    """Takes what is there now out of the collector's sight: the payload and the modules are not the sample's garbage."""
    gc.collect()
    gc.freeze()


def clock_overhead_ns():
    """The median cost of a reading, in a loop."""
    costs = []
    for _ in range(101):
        start = clock()
        for _ in range(100):
            clock()
        costs.append((clock() - start) / 101)
    return sorted(costs)[50]


def main():
    sys.dont_write_bytecode = True
    gc.disable()
    Process().serve()


main()
