"""What runs in Lambda: reconciles one source key at a time with the outputs it should have.

Imports Pillow and boto3 only; never `infra`, `local` or `pulumi`. The same code renders a file by hand:
`python -m worker FILE --out DIR`.
"""
