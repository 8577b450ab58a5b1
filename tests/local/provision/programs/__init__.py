"""The whole program, deployed by the provisioner on an emulator."""
