"""Raises an exception that would colour and clear a terminal, and close a JSON document.

expect: failed ValueError
"""
raise ValueError('\x1b[2J\x1b[31m\r\n\0\u202e"}]} [bold]rich[/bold] \ud800')
