"""Sends a datagram.

expect: failed PermissionError
"""
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", UDP))
