"""The provisioner: makes what the Pulumi program registers, through boto3, and skips nothing silently."""
