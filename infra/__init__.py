"""The infrastructure: one component per bounded part, and the configuration that sizes them. Never knows what the code does.

What a role may do is granted by the component that it may do it on, in a method `grant_..._to`; a function's own log and
traces are granted where the function is. `policies` writes the documents, `values` collects wrong configuration values.
"""
