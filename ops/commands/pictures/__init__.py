"""Commands about many pictures at once: backfill, audit, restore. Parses and prints; never judges a picture itself."""
