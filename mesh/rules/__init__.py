"""The rules that orgs set: named functions over the mesh, turned on in rules.yml."""
