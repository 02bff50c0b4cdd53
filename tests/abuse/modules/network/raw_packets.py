"""Opens a socket for raw packets, as only root can.

expect: failed PermissionError
"""
socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
