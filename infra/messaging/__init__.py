"""Queues and topics, who may send to them and who subscribes. Never knows what handles a message."""
