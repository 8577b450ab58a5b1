"""What a worker process has: its time, memory and threads, its clients, its log.

Never knows what they are used for: neither messages, nor keys, nor pictures.
"""
