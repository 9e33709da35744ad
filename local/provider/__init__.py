"""A Terraform provider for the local workspace, for where Terraform can get no other."""
