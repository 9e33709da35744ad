"""The review of Terraform plans in the words of the mesh: `mesh review`."""
