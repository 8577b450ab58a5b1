"""What whoever deploys must be allowed, as IAM policies made from the configuration. Never asks AWS, and never makes a resource."""
