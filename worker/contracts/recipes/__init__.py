"""What is made of which picture: the specs of renditions, and recipes by the prefix of a key.

Pure values. Must never know of a bucket, or of how a picture is rendered.
"""
