"""The user that the local workspace treats all callers as: the deployer, from MESH_USER or git."""

import http.client
import json
from urllib.parse import urlsplit

from local.home import Status
from mesh.errors import OutsideError

_ANSWER_SECONDS = 10.0


def log_in(status: Status, user: str) -> str:
    """Change the current user of a running workspace.

    Args:
        status: the status of the workspace.
        user: the new user; a user that is not known yet is added.

    Returns:
        The user until now.

    Raises:
        OutsideError: the workspace does not answer, or refuses the name.
    """
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(status.url).port, timeout=_ANSWER_SECONDS)
    headers = {"Authorization": f"Bearer {status.token}", "Content-Type": "application/json"}
    try:
        connection.request("PUT", "/local/user", json.dumps({"user_name": user}), headers)
        response = connection.getresponse()
        body = json.loads(response.read())
    except (OSError, ValueError) as error:
        raise OutsideError(
            f"the workspace at {status.url} does not answer ({error}): check `mesh local logs`;"
            " `mesh local down` stops the workspace"
        ) from error
    finally:
        connection.close()
    if response.status != 200:
        raise OutsideError(f"the workspace cannot change its user to {user}: {body.get('message')}")
    return str(body["previous"])
