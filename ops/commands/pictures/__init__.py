"""Commands about pictures by key or prefix: backfill, audit, restore, erase. Parses and prints; never judges a picture itself."""
