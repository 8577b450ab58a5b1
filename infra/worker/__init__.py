"""The worker as a Lambda function: its package, its role, its queues. Never knows what the code in the package does."""
