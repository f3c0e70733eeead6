"""The agent: records what each task of a process pool goes through, from inside CPython 3.8 to 3.15.

``install.install(directory)`` replaces the few methods of the libraries in ``install.HOOKS`` through which every task goes by
versions that do the same and take stamps in between, each library as soon as it has been imported. It has to run before the
first pool is made, since a pool binds its methods when it is made. Other connections and queues of the program stay as they
are.

Each process writes records of a fixed size into a memory-mapped file of its own (``records``): what is in the mapping outlives
the process however it ends, and a worker's record of a task is there before the result is sent. ``docs/RECORDS.md`` has the
layout. Nothing here looks at, copies or formats the program's own data.

Stamps are CLOCK_MONOTONIC, comparable between all processes of the machine. The CPU time of a thread is read for one
message in ``hooks.PAUSE_NS`` at most: it takes a system call, at whose end the kernel may well give the processor to
another process, and then all threads of this one wait for the interpreter lock that this thread holds. The first touch
of a page would do the same, so memory is touched before it is needed.
"""
