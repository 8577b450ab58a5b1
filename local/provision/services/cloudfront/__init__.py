"""What CloudFront has: distributions, their policies and their functions. Never serves a request."""
