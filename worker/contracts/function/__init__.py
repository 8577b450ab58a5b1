"""What the function is given: its environment, and what of its memory there is for a file.

Must never know what is done with either.
"""
