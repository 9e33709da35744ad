"""What the folders of a data mesh mean: a typed, frozen model with all its names.

`load().in_environment()` is all that a caller needs. Nothing here knows Terraform.
"""

from mesh.folders import load
from mesh.mesh import DeployedMesh, Mesh

__all__ = ["DeployedMesh", "Mesh", "load"]
