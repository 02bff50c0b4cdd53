"""Raises an exception whose text is no text.

expect: failed Odd
"""
class Text(str):
    def __getitem__(self, key):
        os._exit(0)

    def __iter__(self):
        os._exit(0)


class Odd(Exception):
    def __str__(self):
        return Text("odd")


raise Odd
