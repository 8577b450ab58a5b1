"""The pipeline on this computer: the repository's own Pulumi program on an embedded AWS. `python -m local --help`."""
