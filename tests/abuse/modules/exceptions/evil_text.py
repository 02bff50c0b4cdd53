"""Raises an exception that ends the process when somebody looks at it.

expect: failed Evil
"""
class Meta(type):
    @property
    def __name__(cls):
        os._exit(0)

    def __instancecheck__(cls, other):
        os._exit(0)


class Evil(Exception, metaclass=Meta):
    def __repr__(self):
        raise RuntimeError("no")

    __str__ = __repr__

    @property
    def __class__(self):
        os._exit(0)


raise Evil
