"""Where everything is deployed, and the statements that let roles, services and keys be used. Never knows what they are for."""
