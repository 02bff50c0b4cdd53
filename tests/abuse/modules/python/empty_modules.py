"""Empties the table of modules.

expect: ok
"""
sys.modules.clear()
sys.path.clear()
sys.meta_path.clear()
