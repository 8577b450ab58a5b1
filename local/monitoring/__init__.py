"""CloudWatch on this computer: metrics, alarms and their notifications. Never knows of pictures."""
