"""Tasks through ``multiprocessing.Pool``."""

from ..scenario import ALONE, KEPT, Draining


class Engine:
    """A pool for one call."""

    #: The methods, the default first.
    METHODS = ("imap", "imap_unordered", "map", "starmap", "apply", "apply_async")
    _SEVERAL = ("starmap", "apply", "apply_async")
    _KEYWORDS = ("apply", "apply_async")
    _CALLBACKS = ("map", "starmap", "apply_async")

    def __init__(self, call):
        self.call, self.options = call, call.options
        self.method = self.options["call"] or self._default()
        if self.method not in self.METHODS:
            raise ValueError("a pool has no method %s; it has %s" % (self.method, ", ".join(self.METHODS)))
        for needs, methods, what in (
            (not call.is_single, self._SEVERAL, "several iterables"),
            (call.keywords, self._KEYWORDS, "keywords"),
            (self._has_callback(), self._CALLBACKS, "a callback"),
        ):
            if needs and self.method not in methods:
                raise ValueError("%s of a pool takes no %s; take %s" % (self.method, what, " or ".join(methods)))
        if self.options["buffersize"] is not None:
            raise ValueError("buffersize is an option of Executor.map, and this is a pool")
        #: Tasks in a message; ``None`` where the method sends each by itself.
        self.chunksize = self._chunksize() if self.method in ("imap", "imap_unordered", "map", "starmap") else None
        call.keep(self._kept())
        if self.method not in ("imap", "imap_unordered"):
            call.time_iterators()

    def _default(self):
        if self.call.keywords:
            return "apply_async"
        if not self.call.is_single:
            return "starmap"
        return "apply_async" if self._has_callback() else "imap"

    def _has_callback(self):
        return self.options["callback"] is not None or self.options["error_callback"] is not None

    def _chunksize(self):
        if self.options["chunksize"] is not None:
            return self.options["chunksize"]
        if self.method in ("imap", "imap_unordered"):
            return 1
        # As ``Pool._map_async`` does it, which makes a list of the items first.
        count = self.call.count()
        if count is None:
            return None
        chunksize, extra = divmod(count, self.options["workers"] * 4)
        return max(1, chunksize + bool(extra))

    def _kept(self):
        if self.method in ("imap", "imap_unordered"):
            return KEPT * self.chunksize
        # The method makes a list of them itself.
        return None

    def run(self):
        import multiprocessing

        call, options, method = self.call, self.options, self.method
        context = multiprocessing.get_context(options["start"])
        with context.Pool(
            options["workers"], options["initializer"], options["initargs"], options["maxtasksperchild"]
        ) as pool:
            if method in ("imap", "imap_unordered"):
                call.consume(getattr(pool, method)(call.task, call.items(), self.chunksize))
            elif method in ("map", "starmap"):
                items = call.items() if method == "map" else list(call.arguments())
                if self._has_callback():
                    pending = getattr(pool, method + "_async")(call.task, items, options["chunksize"], *self._callbacks())
                    call.consume(pending.get())
                else:
                    call.consume(getattr(pool, method)(call.task, items, options["chunksize"]))
            elif method == "apply":
                arguments = list(call.arguments())
                call.consume(Draining(arguments, lambda own: pool.apply(call.task, own, call.keywords)))
            else:
                pending = [
                    pool.apply_async(call.task, arguments, call.keywords, *self._callbacks())
                    for arguments in call.arguments()
                ]
                call.consume(Draining(pending, lambda result: result.get()))

    def _callbacks(self):
        return self.options["callback"], self.options["error_callback"]

    def first_job(self):
        """The number that the pool's next call has."""
        import multiprocessing.pool as pool

        # An iterator of ``itertools.count`` says where it is.
        number = repr(pool.job_counter)[len("count("):-1]
        self.job = int(number) if number.isdigit() else 0

    def messages(self):
        """The first messages as the pool makes them."""
        import multiprocessing.pool as pool

        call, method, job = self.call, self.method, self.job
        if method in ("apply", "apply_async"):
            for i, arguments in enumerate(call.first_arguments(ALONE)):
                yield (job + i, 0, call.task, arguments, call.keywords)
            return
        count = call.count()
        if self.chunksize is None:
            chunksize, extra = divmod(call.done + call.failed, self.options["workers"] * 4)
            self.chunksize = max(1, chunksize + bool(extra))
        arguments = call.first_arguments(ALONE * self.chunksize)
        # The last chunk of what can be had only once may be cut.
        if count is None and len(arguments) > self.chunksize:
            del arguments[len(arguments) - len(arguments) % self.chunksize:]
        if method in ("imap", "imap_unordered") and self.chunksize == 1:
            for i, own in enumerate(arguments):
                yield (job, i, call.task, own, {})
            return
        mapper, items = pool.mapstar, [own[0] for own in arguments]
        if method == "starmap":
            mapper, items = pool.starmapstar, arguments
        for i, chunk in enumerate(pool.Pool._get_tasks(call.task, items, self.chunksize)):
            yield (job, i, mapper, (chunk,), {})
