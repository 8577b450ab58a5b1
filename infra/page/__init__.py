"""The upload page: its files, its API, its uploader, and the distribution before them. Never touches the queues or the worker."""
