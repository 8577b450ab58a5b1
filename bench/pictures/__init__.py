"""What the benchmarks measure: photographs, large pictures, and small files that claim to be large."""
