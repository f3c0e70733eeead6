# Nothing to send and nothing to do: what a task costs by itself.
from sercost_tasks import run


def task(x):
    return x


if __name__ == "__main__":
    run(task)
