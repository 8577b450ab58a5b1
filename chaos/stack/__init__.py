"""The pipeline that a run is on: deployed, deployed again with other recipes, waited for, healed. Never judges."""
