"""Tasks through ``concurrent.futures.ProcessPoolExecutor``."""

from functools import partial

from ..scenario import ALONE, KEPT, Draining


class Engine:
    """An executor for one call."""

    METHODS = ("submit", "map")

    def __init__(self, call):
        self.call, self.options = call, call.options
        self.method = self.options["call"] or "submit"
        if self.method not in self.METHODS:
            raise ValueError("an executor has no method %s; it has %s" % (self.method, ", ".join(self.METHODS)))
        if self.method == "map" and call.keywords:
            raise ValueError("map of an executor takes no keywords; take submit")
        if self.options["error_callback"] is not None:
            raise ValueError("an executor has no error_callback; take callback, which gets the future")
        if self.method == "map" and self.options["callback"] is not None:
            raise ValueError("map of an executor takes no callback; take submit")
        if self.method != "map" and self.options["buffersize"] is not None:
            raise ValueError("buffersize is an option of map; take call=\"map\"")
        self.chunksize = (self.options["chunksize"] or 1) if self.method == "map" else None
        # ``map`` makes a list of the items itself, unless it has a buffer.
        call.keep(None if self.options["buffersize"] is None else self.options["buffersize"] + KEPT)
        call.time_iterators()

    def run(self):
        import concurrent.futures
        import multiprocessing

        call, options = self.call, self.options
        more = {}
        if options["maxtasksperchild"] is not None:
            more["max_tasks_per_child"] = options["maxtasksperchild"]
        context = multiprocessing.get_context(options["start"])
        with concurrent.futures.ProcessPoolExecutor(
            options["workers"], context, options["initializer"], options["initargs"], **more
        ) as executor:
            if self.method == "map":
                more = {} if options["buffersize"] is None else {"buffersize": options["buffersize"]}
                call.consume(executor.map(call.task, *call.iterables(), chunksize=self.chunksize, **more))
                return
            pending = []
            for arguments in call.arguments():
                future = executor.submit(call.task, *arguments, **call.keywords)
                if options["callback"] is not None:
                    future.add_done_callback(options["callback"])
                pending.append(future)
            call.consume(Draining(pending, lambda future: future.result()))

    def first_job(self):
        pass

    def messages(self):
        """The first messages as the executor makes them."""
        import concurrent.futures.process as process
        import sys

        call, chunksize = self.call, self.chunksize or 1
        # 3.8 keeps the arguments of submit as a list.
        arguments = tuple if sys.version_info >= (3, 9) else list
        if self.method != "map":
            for i, own in enumerate(call.first_arguments(ALONE)):
                yield process._CallItem(i, call.task, arguments(own), call.keywords)
            return
        function = partial(process._process_chunk, call.task)
        items = call.first_arguments(ALONE * chunksize)
        for i in range(0, len(items), chunksize):
            yield process._CallItem(i // chunksize, function, arguments((tuple(items[i : i + chunksize]),)), {})
