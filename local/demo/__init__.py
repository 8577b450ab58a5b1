"""The demo: sample pictures through the pipeline by the operators' commands, and a page; it never asks AWS by itself. And a team's bucket, to rehearse with."""
