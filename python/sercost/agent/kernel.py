"""What a call uses of the kernel, and of other processes by messages that are not tasks."""

import os
from time import perf_counter_ns as now

_PAGE = os.sysconf("SC_PAGE_SIZE")


#: How long each worker may take in all to look at its memory, which takes the longer the more there is of it.
_LOOKING_NS = 20_000_000


def usage():
    """A function that tells the page faults and the CPU time in the kernel of this thread so far, and how much memory its
    process shares with others; ``None`` for that once it has taken too long to look.

    It takes microseconds, so it is not for each of many short calls."""
    try:
        from resource import RUSAGE_THREAD, getrusage
    except ImportError:
        return lambda: None
    left = _LOOKING_NS

    def tell():
        nonlocal left
        shared = None
        if left > 0:
            began = now()
            shared = _shared()
            left -= now() - began
        own = getrusage(RUSAGE_THREAD)
        return own.ru_minflt, own.ru_stime, shared

    return tell


def _shared():
    """The bytes of pages that were written and that other processes have too: what a fork leaves to both."""
    try:
        with open("/proc/self/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Shared_Dirty:"):
                    return 1024 * int(line.split()[1])
    except (OSError, ValueError, IndexError):
        # Before Linux 4.14, or there is no such view of a process here.
        pass
    return None


def used(before, after):
    """Page faults, the bytes of pages that were shared before and are copied now, and nanoseconds in the kernel."""
    if before is None or after is None:
        return 0, 0, 0
    faults = after[0] - before[0]
    copied = 0 if before[2] is None or after[2] is None else max(0, before[2] - after[2])
    # A page that others let go of is not shared any more either, without a fault here.
    return faults, min(copied, faults * _PAGE), max(0, int(1e9 * (after[1] - before[1])))


def count_exchanges():
    """Has the messages of all connections counted from now on, but for those whose methods were taken before: a list of
    their number, their bytes and the nanoseconds in them."""
    from multiprocessing.connection import Connection

    counted = [0, 0, 0]
    send, receive = Connection._send_bytes, Connection._recv_bytes

    def traced_send(self, data):
        began = now()
        result = send(self, data)
        counted[0] += 1
        counted[1] += len(data)
        counted[2] += now() - began
        return result

    def traced_receive(self, *args, **kwargs):
        began = now()
        data = receive(self, *args, **kwargs)
        counted[0] += 1
        counted[1] += data.tell() or len(data.getvalue())
        counted[2] += now() - began
        return data

    Connection._send_bytes, Connection._recv_bytes = traced_send, traced_receive
    return counted
