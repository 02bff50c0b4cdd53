"""Leaves an object behind that acts when it is deleted.

expect: ok
"""
class Evil:
    def __del__(self):
        os.kill(os.getppid(), 9)


evil = Evil()
