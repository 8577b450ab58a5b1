"""Makes what the Pulumi program registers, through boto3, and skips nothing silently. Never starts the emulator."""
