"""The worker's rendering against sharp, pyvips and the plain way: time, memory, likeness."""
