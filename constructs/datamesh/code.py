"""A project's files in the workspace."""

from __future__ import annotations

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_databricks.notebook import Notebook
from cdktf_cdktf_provider_databricks.workspace_file import WorkspaceFile
from constructs import Construct

from mesh import code as model


class WorkspaceCode(Construct):
    """The files that jobs run, where they do not come out of git: notebooks, and what lies beside them."""

    def __init__(self, scope: Construct, code: model.WorkspaceCode) -> None:
        super().__init__(scope, "Code")
        self.resources: list[ITerraformDependable] = [self._file(file) for file in code.files]

    def _file(self, file: model.CodeFile) -> Notebook | WorkspaceFile:
        resource: Notebook | WorkspaceFile
        if file.language:
            resource = Notebook(
                self,
                f"Notebook {file.id}",
                path=file.path,
                language=file.language,
                format=file.format,
                content_base64=file.content_base64,
            )
        else:
            resource = WorkspaceFile(
                self, f"File {file.id}", path=file.path, content_base64=file.content_base64
            )
        resource.override_logical_id(file.id)
        return resource
