"""What every cheat may use: ways to look around, and a prediction that follows what its `hunt` finds.

The runner puts this behind the prelude and in front of a cheat, which defines `hunt(rows)`: the labels of the
validation rows (n,), or None. Where nothing is found, the prediction is a coin that the row's bits throw.
"""

import gc

PAGE, AROUND = 4096, 8 << 20
table = {}


def caller(name):
    """Return a variable of the nearest function that calls us and has one."""
    at = sys._getframe(1)
    while at:
        if name in at.f_locals:
            return at.f_locals[name]
        at = at.f_back
    raise LookupError(name)


def looks_like_labels(values, count):
    """Whether values could be the labels that are looked for."""
    return len(values) == count and set(values.tolist()) == {0.0, 1.0} and 0.3 < np.mean(values) < 0.7


def arrays():
    """Return every numpy array that Python's collector knows."""
    gc.unfreeze()
    seen = gc.get_objects()
    seen += [one for thing in seen if type(thing) in (list, tuple, dict) for one in gc.get_referents(thing)]
    return [one for one in seen if type(one) is np.ndarray and one.ndim and one.dtype.kind in "fiub"]


def is_there(place):
    """Whether a page can be read: the kernel looks at the signal mask there before it refuses the rest."""
    how_that_is_none, efault = 77, 14
    result = libc.syscall(
        ctypes.c_long(NUMBERS["rt_sigprocmask"]),
        how_that_is_none,
        ctypes.c_void_p(place),
        None,
        ctypes.c_long(8),
    )
    return result == -1 and ctypes.get_errno() != efault


def memory():
    """Return the content of all memory around some objects and at the end of the heap, piece by piece."""
    libc.sbrk.restype = ctypes.c_void_p
    small, large = np.zeros(1), np.zeros(1 << 16)
    known = [libc.sbrk(0) - AROUND, id(np), id(small), small.ctypes.data, large.ctypes.data]
    firsts = [max(PAGE, place - AROUND) // PAGE * PAGE for place in known]
    pages = sorted({page for first in firsts for page in range(first, first + 2 * AROUND, PAGE)})
    start = stop = 0
    for page in [*filter(is_there, pages), 0]:
        if page != stop:
            if stop > start:
                yield ctypes.string_at(start, stop - start)
            start = page
        stop = page + PAGE


def runs(fits):
    """Return where an array of bools is true: (start, stop) of each run."""
    edges = np.flatnonzero(np.diff(np.r_[False, fits, False].astype(np.int8)))
    return zip(edges[::2], edges[1::2], strict=True)


def setup(m):
    rows = caller("valid_features")
    labels = hunt(rows)
    if labels is not None:
        for row, label in zip(rows, labels, strict=True):
            table[row.tobytes()] = label


def predict(m):
    row = np.array(m.v0).tobytes()
    m.s1 = 10.0 if table.get(row, sum(row) % 2) > 0.5 else -10.0


def learn(m):
    pass
