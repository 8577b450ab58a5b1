"""One picture: everything that there is of it, its latest attempt, and what to do. Never changes anything."""
