"""Renames a file.

expect: failed PermissionError
"""
os.rename(SECRET, FOLDER + "/renamed")
