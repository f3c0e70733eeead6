# No data at all: what a task costs by itself.
from sercost_tasks import run, work


def task(x):
    return work(x)


if __name__ == "__main__":
    run(task)
