"""A project's files in the workspace."""

from __future__ import annotations

from collections.abc import Sequence

from datamesh.bindings import Construct, cdktf, databricks
from datamesh.permissions import Permissions
from mesh.model import code as model

_FOLDER = "code"  # differs from the Terraform names of flows, which contain a `_`


class WorkspaceCode(Construct):
    """The uploaded files of a project: notebooks and the files beside them.

    With permissions for other principals, the folder is part of the stack too.
    """

    def __init__(self, scope: Construct, code: model.WorkspaceCode) -> None:
        super().__init__(scope, "Code")
        folder = [self._folder(code)] if code.permissions else []
        self.resources: list[cdktf.ITerraformDependable] = [self._file(file, folder) for file in code.files]

    def _folder(self, code: model.WorkspaceCode) -> databricks.directory.Directory:
        # destroying the files first leaves the subfolders
        folder = databricks.directory.Directory(self, "Folder", path=code.folder, delete_recursive=True)
        folder.override_logical_id(_FOLDER)
        Permissions(self, _FOLDER, code.permissions, directory_path=folder.path)
        return folder

    def _file(
        self, file: model.CodeFile, folder: Sequence[databricks.directory.Directory]
    ) -> databricks.notebook.Notebook | databricks.workspace_file.WorkspaceFile:
        resource: databricks.notebook.Notebook | databricks.workspace_file.WorkspaceFile
        if file.language:
            resource = databricks.notebook.Notebook(
                self,
                f"Notebook {file.id}",
                path=file.path,
                language=file.language,
                format=file.format,
                content_base64=file.content_base64,
                depends_on=folder or None,
                lifecycle=_move_before_removal(),
            )
        else:
            resource = databricks.workspace_file.WorkspaceFile(
                self,
                f"File {file.id}",
                path=file.path,
                content_base64=file.content_base64,
                depends_on=folder or None,
                lifecycle=_move_before_removal(),
            )
        resource.override_logical_id(file.id)
        return resource


def _move_before_removal() -> cdktf.TerraformResourceLifecycle:
    """Keeps files of another folder until the jobs use the new ones; only a new path replaces a file."""
    return cdktf.TerraformResourceLifecycle(create_before_destroy=True)
