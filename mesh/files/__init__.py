"""The files of a mesh on disk, as the model reads them."""
