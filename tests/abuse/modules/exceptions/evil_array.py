"""Predicts an array that acts when numpy asks for its values.

expect: failed
"""
class Evil:
    def __array__(self, *_, **__):
        raise SystemError("no array")


def predict(m):
    m.v1 = Evil()
