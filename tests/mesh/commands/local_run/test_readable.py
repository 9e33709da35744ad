"""Names of files in the checkout, in what tasks print."""

from __future__ import annotations

from local.home import Home
from mesh.commands.local_run.readable import readable
from tests.mesh.commands.local_run.conftest import LocalMesh
from tests.mesh.conftest import FLOW


def test_copies_in_the_workspace_have_the_names_of_their_files(local_mesh: LocalMesh) -> None:
    deployment = local_mesh.selected().deployment
    name = readable(local_mesh.root, [deployment])
    assert deployment.uploads
    copy = f"{deployment.uploads.folder}/{FLOW}"
    disk = Home(local_mesh.root).files

    assert (
        name(f'  File "/Workspace{copy}/a", line 3, in cell 2') == f'  File "{FLOW}/a.py", line 3, in cell 2'
    )
    assert name(f"{disk}{copy}/helper.py:7: UserWarning: old") == f"{FLOW}/helper.py:7: UserWarning: old"
    assert name('File "/Workspace/Shared/other.py", line 1') == 'File "/Workspace/Shared/other.py", line 1'
