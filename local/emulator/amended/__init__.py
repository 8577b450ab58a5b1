"""What AWS does and the emulator does not, one service's part each, wrapped around the emulator's functions in its own process.

Relies on inner names of the pinned version; never imported but by `local/emulator/amendments.py`, and for constants.
"""
