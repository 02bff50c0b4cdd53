"""Predicts an object that acts when it is made a number.

expect: failed TypeError
"""
class Evil:
    def __float__(self):
        os.kill(os.getppid(), 9)
        return 1.0


def predict(m):
    m.s1 = Evil()
