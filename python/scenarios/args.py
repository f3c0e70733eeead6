# The data is the argument of every task.
from sercost_tasks import TASKS, payload, run, work


def task(data):
    return work(len(data) if hasattr(data, "__len__") else 0, data)


if __name__ == "__main__":
    run(task, [payload()] * TASKS)
