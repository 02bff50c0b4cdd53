"""Puts such an object past the memory's checks.

expect: failed PermissionError
"""
class Evil:
    def __neg__(self):
        return 0.0

    def __rsub__(self, other):
        return 0.0

    def __float__(self):
        os.kill(os.getppid(), 9)
        return 1.0


def predict(m):
    m.__dict__["s1"] = Evil()
