# The data is what every task returns.
from sercost_tasks import payload, run, work

DATA = payload()


def task(x):
    work(x)
    return DATA


if __name__ == "__main__":
    run(task)
