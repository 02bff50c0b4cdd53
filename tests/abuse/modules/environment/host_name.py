"""Changes the name of the machine, as only root can.

expect: failed PermissionError
"""
socket.sethostname("synth-abuse")
