"""Confinement of worker processes, their pool and the wire between."""
