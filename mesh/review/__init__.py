"""The review of Terraform plans in the terms of the mesh: `mesh review`."""
