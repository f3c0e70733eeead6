# The data is bound to the function: pickle writes it again for every task.
from functools import partial

from sercost_tasks import payload, run, work


def task(x, data):
    return work(x, data)


if __name__ == "__main__":
    run(partial(task, data=payload()))
