"""What goes wrong in a run: requests that fail, workers that are killed. Never knows of pictures."""
