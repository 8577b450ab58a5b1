"""What a recipe makes of one picture."""
