"""A picture erased: found everywhere, removed, looked for again, and a receipt of it. Never touches what the plan did not find."""
