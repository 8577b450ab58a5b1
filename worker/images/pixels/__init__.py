"""From a header to pixels, and from pixels to other pixels."""
