# The data lies in shared memory, and each worker looks at it through a view.
from multiprocessing.shared_memory import SharedMemory

from sercost_tasks import as_buffer, payload, run, shared_name, work


def initialize(name, size, form):
    global block, view
    block = SharedMemory(name)
    view = block.buf[:size].cast(form)


def task(x):
    return work(x, view)


if __name__ == "__main__":
    content, form = as_buffer(payload())
    shared = SharedMemory(shared_name(), create=True, size=max(len(content), 1))
    try:
        shared.buf[: len(content)] = content
        run(task, initializer=initialize, initargs=(shared.name, len(content), form))
    finally:
        shared.close()
        shared.unlink()
