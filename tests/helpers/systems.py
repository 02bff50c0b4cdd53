"""What the operating system may lack; tests that want it are left out, each by its name."""

import sys

import pytest


def wants_linux(reason: str) -> pytest.MarkDecorator:
    """A mark for tests of what Linux alone has."""
    return pytest.mark.wants(lambda: sys.platform == "linux", reason)
