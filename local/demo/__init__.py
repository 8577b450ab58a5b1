"""`python -m local demo`: the sample pictures through the pipeline by the operators' commands, and a page of what came out."""
