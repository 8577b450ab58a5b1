"""What is deployed, and how AWS is asked about it: outputs, clients, buckets, alarms, metrics. Never changes anything."""
