"""What infra, ops, local and chaos may know of the worker: names, forms and formats, as pure values.

Never does anything: no I/O, no clock, no client, and nothing of Pillow or botocore.
"""
