"""Makes a second name for a file.

expect: failed PermissionError
"""
os.link(SECRET, FOLDER + "/linked")
