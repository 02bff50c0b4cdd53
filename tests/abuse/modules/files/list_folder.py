"""Lists a folder of the user.

expect: failed PermissionError
"""
list(os.scandir(FOLDER))
