"""The schema of one test, which is dropped with its tables when the test has ended."""

import contextlib
import json
import os
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from local import processes
from mesh.errors import OutsideError

CATALOG = "mesh_tests"
"""The catalog of the local workspace that holds the schemas of tests."""

_SCHEMAS = "/api/2.1/unity-catalog/schemas"
# The properties of a schema that say which process created it; ids are used again, start times are not.
_PROCESS, _STARTED = "mesh.test_process", "mesh.test_process_started"


@dataclass(frozen=True)
class OwnSchema:
    """A schema that one test writes to.

    Args:
        catalog: its catalog.
        name: its name.
    """

    catalog: str
    name: str

    def __str__(self) -> str:
        return f"{self.catalog}.{self.name}"

    def table(self, name: str) -> str:
        """Returns the full name of a table in this schema."""
        return f"{self}.`{name.replace('`', '``')}`"


class Workspace:
    """Creates and drops schemas in the workspace.

    Args:
        address: the workspace's address.
        token: its token.
    """

    def __init__(self, address: str, token: str) -> None:
        self._address, self._token = address, token

    def create(self, flow: str) -> OwnSchema:
        """Creates a schema for a test of a flow; the catalog, too, if it is missing."""
        self._call("POST", "/api/2.1/unity-catalog/catalogs", {"name": CATALOG}, allowed=("ALREADY_EXISTS",))
        name = f"{re.sub(r'[^a-z0-9]+', '_', flow.lower()).strip('_')[:60]}_{uuid4().hex[:8]}"
        pid = os.getpid()
        properties = {_PROCESS: str(pid), _STARTED: repr(processes.start_time(pid))}
        self._call("POST", _SCHEMAS, {"name": name, "catalog_name": CATALOG, "properties": properties})
        return OwnSchema(CATALOG, name)

    def drop_abandoned(self) -> None:
        """Drops the schemas of processes that have ended without dropping them: they were killed."""
        listed = self._call("GET", f"{_SCHEMAS}?catalog_name={CATALOG}", allowed=("CATALOG_DOES_NOT_EXIST",))
        for one in listed.get("schemas", ()):
            properties = one.get("properties") or {}
            with contextlib.suppress(KeyError, ValueError):  # a schema that something else created
                pid, started = int(properties[_PROCESS]), float(properties[_STARTED])
                if processes.living_process(pid, started) is None:
                    self.drop(OwnSchema(CATALOG, one["name"]))

    def drop(self, schema: OwnSchema) -> None:
        """Drops a schema with its tables and their files."""
        self._call("DELETE", f"{_SCHEMAS}/{schema}?force=true", allowed=("SCHEMA_DOES_NOT_EXIST",))

    def _call(
        self, method: str, path: str, body: Any = None, allowed: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Returns the answer; nothing if it is an error that is allowed."""
        request = urllib.request.Request(  # noqa: S310 - the workspace's own address
            f"{self._address}{path}",
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
                answer: dict[str, Any] = json.loads(response.read() or b"{}")
                return answer
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            if not any(f'"{code}"' in text or code in text for code in allowed):
                raise OutsideError(
                    f"the local workspace answered {method} {path} with {text[:500]}"
                ) from None
            return {}
        except OSError as error:
            message = f"the local workspace at {self._address} does not answer: {error}"
            raise OutsideError(f"{message} (check `mesh local status`)") from None
