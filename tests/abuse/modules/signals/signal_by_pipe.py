"""Makes the kernel send a signal when its pipe is ready.

expect: failed PermissionError
"""
set_owner, set_signal, set_flags = 8, 10, 4
syscall("fcntl", 3, set_owner, SIBLING)
syscall("fcntl", 3, set_signal, 9)
syscall("fcntl", 3, set_flags, os.O_ASYNC)
os.write(3, b"x")
time.sleep(0.2)
