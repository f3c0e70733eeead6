# The data is the default value of an argument: pickle writes the function by its name, and the data not at all.
from sercost_tasks import payload, run, work

DATA = payload()


def task(x, data=DATA):
    return work(x, data)


if __name__ == "__main__":
    run(task)
