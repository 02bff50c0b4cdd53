"""How many examples the tests of properties try: a quarter of all, and all with the profile `thorough`."""

from typing import Any

from hypothesis import settings

QUICKLY = 4


def examples(count: int, **more: Any) -> settings:
    """Settings for so many examples in the profile `thorough`, and a quarter of them otherwise."""
    thorough = settings.get_current_profile_name() == "thorough"
    return settings(max_examples=count if thorough else -(-count // QUICKLY), **more)


def seeds(count: int) -> range:
    """So many seeds in the profile `thorough`, and a quarter of them otherwise."""
    return range(examples(count).max_examples)
