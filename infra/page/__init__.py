"""The upload page: its files, its API, its uploader, and the distribution before them. Never knows of queues and the worker."""
