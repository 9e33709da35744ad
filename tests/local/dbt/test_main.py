"""The profile that the runner writes for a dbt task."""

from pathlib import Path

import pytest
import yaml

from local.dbt.__main__ import write_profile
from mesh.errors import OutsideError


def test_the_profile_has_the_name_in_the_project_and_the_catalog_of_the_task(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: trips\n")

    folder = write_profile(tmp_path, tmp_path, "cat", "s")
    text = (folder / "profiles.yml").read_text()
    output = yaml.safe_load(text)["trips"]["outputs"]["databricks_cluster"]
    assert (output["type"], output["catalog"], output["schema"]) == ("databricks", "cat", "s")
    assert "env_var('DBT_ACCESS_TOKEN')" in output["token"]


@pytest.mark.parametrize("content", ["name: shop\n", "- a\n"])
def test_a_project_without_a_profile_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "dbt_project.yml").write_text(content)

    with pytest.raises(OutsideError, match="must name a `profile`"):
        write_profile(tmp_path, tmp_path, None, "s")
