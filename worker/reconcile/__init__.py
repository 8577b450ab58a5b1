"""One key: makes its outputs agree with what the source bucket holds now.

Never knows of messages, queues or Lambda, nor how a picture is rendered.
"""
