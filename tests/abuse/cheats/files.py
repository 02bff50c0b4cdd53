"""Reads the data sets inside packages, and synth's own code that makes tasks of them."""


def hunt(rows):
    for path in (DIGITS, TEACHERS, np.__file__):
        try:
            open(path, "rb").read()
        except OSError:
            continue
        raise RuntimeError(f"{path} can be read")
    for name in ("sklearn.datasets", "synth.tasks.sources.digits", "synth.tasks.pairs", "synth.tasks.task"):
        try:
            __import__(name)
        except ImportError:
            continue
        raise RuntimeError(f"{name} can be imported")
    return None
