"""The demo: sample pictures through the pipeline by the operators' commands, and a page. Never asks AWS by itself."""
