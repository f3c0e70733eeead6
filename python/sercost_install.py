"""Installs the agent: what every engine's hooks need, and then the hooks themselves."""

import sercost_agent
import sercost_executor
import sercost_pool


def install(directory, parent=True, tasks=0, workers=1):
    """Begins to record into ``directory``, and hooks the pools. ``tasks`` and ``workers`` tell how much room may be needed,
    ``parent`` says that this is the process that makes the pools."""
    import concurrent.futures.process
    import multiprocessing.pool

    sercost_agent.begin(directory, parent, tasks, workers)
    sercost_agent.patch_process(multiprocessing.process)
    sercost_pool.patch(multiprocessing.pool)
    sercost_executor.patch(concurrent.futures.process, multiprocessing.queues)
    if parent:
        sercost_agent.own_recorder()
