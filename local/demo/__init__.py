"""`python -m local demo`: the sample pictures through the pipeline by the operators' commands, and a page of the outcome.

Never asks AWS by itself: what the commands print is what it shows.
"""
