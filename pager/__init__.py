"""The pager: the small Lambda function between the alarms and the people. It looks and tells; it never receives from a queue."""
