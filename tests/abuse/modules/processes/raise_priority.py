"""Goes before everybody else.

expect: failed PermissionError
"""
os.setpriority(os.PRIO_PROCESS, 0, -20)
