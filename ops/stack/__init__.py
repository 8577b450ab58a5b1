"""What is deployed, and how AWS is asked about it: outputs, clients, buckets, alarms, metrics; and the worker's renderer, run here.

Never changes anything.
"""
