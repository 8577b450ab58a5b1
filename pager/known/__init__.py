"""What is known of an alarm: from CloudWatch's alarms, metrics and logs. Never sends anything."""
