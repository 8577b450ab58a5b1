"""What operators see: metrics, alarms, the dashboard, saved queries. Never changes what it watches."""
