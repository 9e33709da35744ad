"""Asks a running workspace for its revision."""

import http.client
import json
from urllib.parse import urlsplit

from local.home import Status

_PATH = "/local/revision"
_ANSWER_SECONDS = 10.0


def workspace_revision(status: Status) -> str | None:
    """The revision of a running workspace: while it is equal, Terraform reads the same objects in it.

    Args:
        status: the status of the workspace.

    Returns:
        The revision; None if the workspace does not answer, or is of a version that does not tell.
    """
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(status.url).port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", _PATH, headers={"Authorization": f"Bearer {status.token}"})
        response = connection.getresponse()
        body = json.loads(response.read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    revision = body.get("revision") if response.status == 200 and isinstance(body, dict) else None
    return revision if isinstance(revision, str) else None
