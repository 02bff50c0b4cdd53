"""Makes memory that others can name.

expect: failed PermissionError
"""
checked(libc.shm_open(b"/synth-abuse", os.O_CREAT | os.O_RDWR, 0o600))
