"""Python imports this before anything else in the worker's children, whose path starts with the bundle's root."""

from chaos.inside.decoder import sabotage

sabotage()
