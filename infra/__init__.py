"""The infrastructure: one component per bounded part, and the configuration that sizes them."""
