"""The operator's command line: `python -m ops --help`.

Imports boto3, click, rich and the worker's contracts; never `infra` or `local`. It works on a stack from outside, with
the operator's own credentials.
"""
