"""Has the worker reconcile pictures again that are in the source bucket: plan, canary, messages, journal."""
