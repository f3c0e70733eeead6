"""Makes the values of a payload of what sercost wrote.

It comes as columns, bottom up, in the byte order of the machine. Each entry is a tag, the number of rows (64 bits) and its
content; `List` and its kin take the entries before them as their parts. `src/python/form.rs` has the tags.
"""

import array
import itertools
import struct

ABSENT = 0xFFFFFFFF
NULL = 0xFFFFFFFE

# Stands in a column for the value of a field that a record does not have.
MISSING = object()


def load(view):
    """The rows of the payload as Python values: what a program would have that got them from `json.loads`.

    What the document calls tuples are tuples, as `pickle.loads` makes them; `json.loads` has none.
    Equal keys of dicts are one object, wherever they occur; all other strings are objects of their own. No recursion:
    entries are taken off a stack by the entry that they are parts of.
    """
    stack = []
    known = {}
    at = 0

    def take(code, count):
        nonlocal at
        size = count * struct.calcsize(code)
        column = array.array(code)
        column.frombytes(view[at : at + size])
        at += size
        return column.tolist()

    def raw(size):
        nonlocal at
        at += size
        return view[at - size : at]

    while True:
        tag = chr(view[at])
        (rows,) = struct.unpack_from("=Q", view, at + 1)
        at += 9
        if tag == ".":
            return stack.pop()
        if tag == "N":
            stack.append([None] * rows)
        elif tag == "?":
            stack.append(list(map(bool, raw(rows))))
        elif tag in "bBhHiIqQd":
            stack.append(take(tag, rows))
        elif tag in "sy":
            ends = take("Q", rows)
            blob = bytes(raw(ends[-1] if ends else 0))
            stack.append(cut(blob, ends, tag == "s"))
        elif tag == "O":
            index, values = take("I", rows), stack.pop()
            none = {ABSENT: MISSING, NULL: None}
            stack.append([none[i] if i >= NULL else values[i] for i in index])
        elif tag == "n":
            kinds, start = bytes(raw(rows)), at
            floats = take("d", rows)
            at = start
            ints = take("q", rows)
            stack.append([i if kind else f for kind, f, i in zip(kinds, floats, ints)])
        elif tag == "T":
            (count,) = take("I", 1)
            columns = stack[len(stack) - count :]
            del stack[len(stack) - count :]
            stack.append(list(map(list, zip(*columns))) if count else [[] for _ in range(rows)])
        elif tag == "L":
            ends, items = take("Q", rows), stack.pop()
            stack.append([items] if rows == 1 else [items[a:b] for a, b in spans(ends)])
        elif tag == "t":
            stack.append(list(map(tuple, stack.pop())))
        elif tag == "M":
            ends, values, keys = take("Q", rows), stack.pop(), stack.pop()
            if set(map(type, keys)) == {str}:
                keys = list(map(known.setdefault, keys, keys))
            stack.append([dict(zip(keys[a:b], values[a:b])) for a, b in spans(ends)])
        elif tag == "R":
            count, flattened = take("I", 2)
            names = [str(raw(take("I", 1)[0]), "utf-8") for _ in range(count)]
            names = list(map(known.setdefault, names, names))
            columns = stack[len(stack) - count :]
            del stack[len(stack) - count :]
            if any(MISSING in column for column in columns) or flattened:
                stack.append([with_what_is_there(names, row, flattened) for row in zip(*columns)])
            elif count:
                stack.append([dict(zip(names, row)) for row in zip(*columns)])
            else:
                stack.append([{} for _ in range(rows)])
        elif tag == "E":
            (count,) = take("I", 1)
            tags, index = take("I", rows), take("I", rows)
            variants = stack[len(stack) - count :]
            del stack[len(stack) - count :]
            stack.append([variants[tag][i] for tag, i in zip(tags, index)])
        else:
            raise ValueError("unknown tag %r in the payload" % tag)


def with_what_is_there(names, values, flattened):
    """The dict of a record of which fields are absent, or whose last field is a dict of further entries."""
    entries = {name: value for name, value in zip(names, values) if value is not MISSING}
    if flattened:
        entries.update(entries.pop(names[-1]))
    return entries


def spans(ends):
    return zip(itertools.chain((0,), ends), ends)


def cut(blob, ends, is_text):
    if not is_text:
        return [blob[a:b] for a, b in spans(ends)]
    if blob.isascii():
        # Offsets in bytes are offsets in the text, and one decoding does for all.
        blob = blob.decode("ascii")
        # A slice of all is the string itself, which is what it should be.
        return [blob[a:b] for a, b in spans(ends)]
    return [blob[a:b].decode("utf-8") for a, b in spans(ends)]
