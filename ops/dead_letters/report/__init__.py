"""The dead letters as a page: which, why, since when, what to do, and the pictures themselves.

Made here with the operator's own credentials: nothing is deployed, nothing is public. Never changes a letter.
"""
