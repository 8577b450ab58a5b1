"""HTML for a page, made from a picture's manifest. Never asks AWS, and writes nothing."""
