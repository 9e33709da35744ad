"""What a dbt task tells the process that runs dbt."""

from pathlib import Path

from local.home import Home
from local.workspace.workflows.dbt_tasks import dbt_folders, dbt_spec


def test_a_task_with_a_warehouse_gets_a_profile_from_the_runner(tmp_path: Path) -> None:
    (tmp_path / "profiles.yml").touch()
    settings = {"commands": ["dbt run"], "warehouse_id": "w", "catalog": "c", "project_directory": "/p"}

    spec = dbt_spec(settings, {"project_directory": tmp_path}, Home(tmp_path), tmp_path / "7.0.result.json")
    assert (spec["catalog"], spec["schema"], spec["profiles"]) == ("c", "default", None)
    assert (spec["folder"], spec["commands"]) == (str(tmp_path / "7.0.dbt"), ["dbt run"])
    assert (tmp_path / "7.0.dbt").is_dir()
    assert spec["workspace_files"] == str(Home(tmp_path).files)


def test_without_a_warehouse_the_profiles_are_the_tasks_own(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "profiles.yml").touch()
    settings = {"profiles_directory": "/o", "project_directory": "/p"}

    assert dbt_folders(settings) == ["project_directory", "profiles_directory"]
    folders = {"project_directory": tmp_path, "profiles_directory": own}
    assert dbt_spec(settings, folders, Home(tmp_path), tmp_path / "1.0.result.json")["profiles"] == str(own)
    without = dbt_spec({}, {"project_directory": tmp_path}, Home(tmp_path), tmp_path / "1.0.result.json")
    assert without["profiles"] is None
