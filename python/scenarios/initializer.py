# The data is given to each worker once, when it starts.
from sercost_tasks import payload, run, work


def initialize(given):
    global data
    data = given


def task(x):
    return work(x, data)


if __name__ == "__main__":
    run(task, initializer=initialize, initargs=(payload(),))
