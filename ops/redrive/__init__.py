"""Dead letters sent back: planned, canary first, at a rate, by a journal, followed to their outcome. Never loses one."""
