"""The code that sercost runs inside CPython, 3.8 and later."""
