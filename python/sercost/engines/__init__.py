"""The engines of Python that tasks go through, by name: a module with a class ``Engine`` for each.

An engine is made for one call. It has its ``method``, its ``chunksize`` (``None`` where each task goes by itself), ``run``, which hands
the results to the call, ``first_job``, which is called before, and ``messages``, which makes the first messages once more.
"""

from . import executor, pool

ENGINES = {"pool": pool.Engine, "executor": executor.Engine}
