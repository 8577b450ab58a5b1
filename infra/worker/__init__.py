"""The worker as a Lambda function, with its role and its queues; and the packages of both functions, with their wheels.

Never knows what the code in a package does.
"""
