"""One picture: rendered in this process, or in a child process if it may end the process that renders it.

    parent ──order: specs and the picture, on its stdin──▶ child
           ◀──answer: the renditions or a verdict, on its stdout──

A child that crashes, hangs or exhausts its memory gives its picture a verdict and harms no other. Two pipes and nothing
else: Lambda has no /dev/shm, which multiprocessing's queues and pools need
(https://aws.amazon.com/blogs/compute/parallel-processing-in-python-with-aws-lambda/).

Never knows of buckets: it gets a function that reads the picture, and returns bytes.
"""
