"""Connects to a server.

expect: failed PermissionError
"""
connection = socket.socket()
connection.connect(("127.0.0.1", TCP))
connection.sendall(b"x")
