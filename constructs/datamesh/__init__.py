"""cdktf constructs for the levels of a data mesh and their Databricks resources."""

from datamesh.bindings import import_one_by_one

import_one_by_one()
