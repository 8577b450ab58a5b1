"""Small files of every format, damaged at random, to render by the thousand."""
