"""Tasks with a known delay, or known bytes, in one component: CALIBRATION_PLACE, CALIBRATION_NS and CALIBRATION_BYTES say where and how much."""
import os
from time import perf_counter_ns

from sercost_tasks import TASKS, run

PLACE, NS = os.environ["CALIBRATION_PLACE"], int(os.environ["CALIBRATION_NS"])


def delay(place):
    if place == PLACE and NS:
        end = perf_counter_ns() + NS
        while perf_counter_ns() < end:
            pass


def build(place, content):
    delay("boot_decode" if place == "boot" else "decode_" + place)
    return Carried(place, content)


class Carried:
    """An item or a result whose way through pickle takes as long as it is told to."""

    def __init__(self, place, content):
        self.place, self.content = place, content

    def __reduce__(self):
        delay("boot_encode" if self.place == "boot" else "encode_" + self.place)
        return build, (self.place, self.content)

    def __del__(self):
        # Of the item in the worker, which did not make it.
        if self.place == "task" and os.getpid() != PARENT:
            delay("drop_arguments")


PARENT = int(os.environ.setdefault("CALIBRATION_PARENT", str(os.getpid())))
#: Less than what pickle puts outside of its frames, so that more bytes are so many more in a message.
CONTENT = b"x" * int(os.environ["CALIBRATION_BYTES"])


def begin(given):
    delay("initializer")


def task(item):
    delay("call")
    del item
    return Carried("result", CONTENT)


def items():
    for _ in range(TASKS):
        delay("iterate")
        yield Carried("task", CONTENT)


if __name__ == "__main__":
    run(task, items(), initializer=begin, initargs=(Carried("boot", CONTENT),))
