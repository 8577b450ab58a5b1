"""Strategies of hypothesis that draw files of the formats that browsers read."""
