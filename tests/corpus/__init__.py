"""Files to try the worker on by the thousand: small seeds of every format, damaged."""
