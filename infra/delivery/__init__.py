"""Delivery: CloudFront over the output bucket, and what it has in common with the page's. Never touches originals, queues or the worker."""
