"""Makes a folder.

expect: failed PermissionError
"""
os.mkdir(FOLDER + "/made")
