"""From bytes to a header: which format a file is, and what it says of its picture."""
