"""How a data mesh looks on Databricks: cdktf constructs for its levels and their parts."""

from datamesh.bindings import import_one_by_one

import_one_by_one()
