"""What operators look at: metrics, alarms, the dashboard, saved queries. Never changes what it watches."""
