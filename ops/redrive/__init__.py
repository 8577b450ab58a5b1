"""Dead letters sent back to the queue: planned, canary first, at a rate, by a journal, and followed to their outcome.

Never loses one: what is sent is in the journal before, and deleted only after.
"""
