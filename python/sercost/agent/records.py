"""The file of records of one process: made, mapped, grown, and written to."""

import itertools
import mmap
import os
import struct
import threading
from _thread import get_ident
from time import perf_counter_ns as now

from .layout import (
    AGENT,
    COLLECTION,
    HEADER_BYTES,
    LAYOUT,
    MAGIC,
    RECORD_BYTES,
    SPAN_AGENT,
    SPAN_ARGUMENTS,
    SPAN_HOST,
    SPAN_VERSION,
    STOPPED,
    VERSION,
    WORD_ALLOCATED,
    WORD_FLAGS,
    WORD_LAYOUT,
    WORD_MADE,
    WORD_PARENT,
    WORD_PID,
    WORD_PYTHON,
    WORD_SCRATCH,
)

#: The place of a stamp that has no record.
SCRATCH = WORD_SCRATCH

#: Address space for records; memory and disk are taken as they are needed.
_RESERVED = (1 << 30, 1 << 26, 1 << 22, 1 << 18)
#: The bytes taken at first, in the process that makes the pools and in others, and the most at once later. Taking more
#: while tasks run lets go of the interpreter lock, and may be long in getting it back.
_LEAST_FIRST_CHUNK = 1 << 18
_FIRST_CHUNK = [_LEAST_FIRST_CHUNK, _LEAST_FIRST_CHUNK]
_LARGEST_CHUNK = 1 << 23
_LARGEST_FIRST_CHUNK = 1 << 26
#: Not among the names of the module mmap yet.
_MADV_POPULATE_WRITE = 23
#: The chunk that is tried when the disk is nearly full.
_LEAST_CHUNK = 1 << 16

#: Garbage collections shorter than this are not recorded.
_COLLECTION_NS = 20_000

_directory = None
_parent = 0
current = None
#: When this process could first take a stamp: at import, or just after the fork.
ready_ns = now()


class _Recorder:
    """The file of one process. ``take`` hands out offsets; before writing at one, compare it with ``end``."""

    def __init__(self, directory):
        self.pid = os.getpid()
        # The link may lead elsewhere when the file grows.
        self.path = os.path.join(os.path.realpath(directory), "%d-%d.records" % (self.pid, now()))
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
        self.pack = struct.Struct("<16q").pack_into
        self.words = memoryview(self.memory).cast("q")
        self.introduce(chunk)
        self.end = chunk

    def introduce(self, allocated):
        """Writes the header: its first bytes last."""
        import sys

        words = self.words
        struct.pack_into("<II", self.memory, SPAN_VERSION[0], VERSION, RECORD_BYTES)
        words[WORD_LAYOUT] = LAYOUT
        words[WORD_PID] = self.pid
        words[WORD_PARENT] = os.getppid()
        words[WORD_MADE] = now()
        words[WORD_PYTHON] = sys.hexversion
        words[WORD_ALLOCATED] = allocated
        self.texts(SPAN_AGENT, [AGENT])
        self.texts(SPAN_HOST, [os.uname().nodename])
        # Not there yet in an interpreter that is being started.
        self.texts(SPAN_ARGUMENTS, getattr(sys, "argv", ()))
        self.memory[:len(MAGIC)] = MAGIC

    def texts(self, span, texts):
        """Writes texts, each ended by a zero byte, as many of them as there is room for."""
        at, length = span
        end = at + length
        for text in texts:
            text = os.fsencode(text) + b"\0"
            if at + len(text) > end:
                return
            self.memory[at:at + len(text)] = text
            at += len(text)

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
                    self.words[WORD_FLAGS] = STOPPED
                    return False
                self.touch(self.end, chunk)
                self.end += chunk
                self.words[WORD_ALLOCATED] = self.end
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
    global current, ready_ns
    current = None
    ready_ns = now()


def begin(directory, parent):
    """Begins to record into ``directory``, which may be a link to another one later. ``parent`` says that this is the
    process that makes the pools."""
    global _directory, _parent
    first = _directory is None
    _directory = directory
    if parent:
        _parent = os.getpid()
    if first:
        os.register_at_fork(after_in_child=_after_fork)
        _watch_collections()


def begin_again(tasks, workers):
    """Goes on in a new file of where ``directory`` leads now. ``tasks`` and ``workers`` tell how much room may be needed,
    which the workers that are forked from now on know too."""
    global current
    for at, expected in enumerate((4 * tasks, 2 * tasks // workers)):
        needed = (expected * RECORD_BYTES | 0xFFFF) + 1
        _FIRST_CHUNK[at] = max(_LEAST_FIRST_CHUNK, min(needed + (needed >> 2), _LARGEST_FIRST_CHUNK))
    current = None
    own_recorder()


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
