"""Makes a named pipe.

expect: failed PermissionError
"""
os.mkfifo(FOLDER + "/pipe")
