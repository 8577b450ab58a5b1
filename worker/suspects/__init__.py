"""Pictures that may have ended a process before are rendered in one of their own.

    parent ──order: specs and the picture, on its stdin──▶ child
           ◀──answer: the renditions or a verdict, on its stdout──

A child that crashes, hangs or eats memory gives its picture a verdict and takes nobody with it. Two pipes and nothing
else: Lambda has no /dev/shm, which multiprocessing's queues and pools need
(https://aws.amazon.com/blogs/compute/parallel-processing-in-python-with-aws-lambda/).
"""
