"""The configuration's keys, by what they are for. Never knows how a value is laid over its default, or how an error is put."""
