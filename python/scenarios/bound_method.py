# The task is a method of an object that holds the data: pickle writes the object with it for every task.
from sercost_tasks import payload, run, work


class Model:
    def __init__(self, data):
        self.data = data

    def task(self, x):
        return work(x, self.data)


if __name__ == "__main__":
    run(Model(payload()).task)
