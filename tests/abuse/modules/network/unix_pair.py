"""Makes a pair of sockets.

expect: failed PermissionError
"""
socket.socketpair()
