"""Sets the clock (to what it shows), as only root can.

expect: failed PermissionError
"""
time.clock_settime(time.CLOCK_REALTIME, time.time())
