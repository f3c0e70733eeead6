# The data is a global of the module: inherited by fork, made again by each worker under spawn and forkserver.
from sercost_tasks import payload, run, work

DATA = payload()


def task(x):
    return work(x, DATA)


if __name__ == "__main__":
    run(task)
