"""Rounds on a Ray cluster; importing it needs the extra `ray`."""
