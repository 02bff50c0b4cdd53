"""Asks the kernel for the network's interfaces.

expect: failed PermissionError
"""
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
