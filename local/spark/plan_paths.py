"""Paths of volumes in Spark: plans name `/Volumes/…`, the server gets the folder on disk."""

import re
from collections.abc import Callable
from typing import Any

import grpc

_PREFIXES = ("/Volumes/", "dbfs:/Volumes/")
# The fields with paths, and those with options, of messages of Spark Connect.
_PATHS = {"spark.connect.Read.DataSource": "paths", "spark.connect.WriteOperation": "path"}
_PATHS["spark.connect.WriteStreamOperationStart"] = "path"
_OPTIONS = {*_PATHS, "spark.connect.WriteOperationV2"}
_SQL = {"spark.connect.SqlCommand": "sql", "spark.connect.SQL": "query"}
# csv.`/Volumes/…` and LOCATION '/Volumes/…'
_IN_SQL = re.compile(r"(\b\w+\.`|\blocation\s+')((?:dbfs:)?/Volumes/[^'`]*)", re.IGNORECASE)


class PlanPaths(grpc.UnaryStreamClientInterceptor, grpc.UnaryUnaryClientInterceptor):  # type: ignore[misc]
    """Replaces paths of volumes in the plans that a client sends.

    Args:
        disk: returns the path on disk of a path of a volume.
    """

    def __init__(self, disk: Callable[[str], str]) -> None:
        self._disk = disk

    def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        """Replace paths in a plan that is executed."""
        return continuation(details, self._replaced(request))

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        """Replace paths in a plan that is analyzed."""
        return continuation(details, self._replaced(request))

    def _replaced(self, request: Any) -> Any:
        if b"/Volumes/" not in request.SerializeToString():
            return request
        copy = type(request)()
        copy.CopyFrom(request)
        self._replace(copy)
        return copy

    def _replace(self, message: Any) -> None:
        kind = message.DESCRIPTOR.full_name
        if kind in _PATHS:
            self._replace_paths(message, _PATHS[kind])
        if kind in _OPTIONS:
            for name, value in list(message.options.items()):
                message.options[name] = self._path(value)
        if kind in _SQL:
            text = getattr(message, _SQL[kind])
            setattr(message, _SQL[kind], _IN_SQL.sub(lambda match: match[1] + self._path(match[2]), text))
        for field, value in message.ListFields():
            if field.message_type is None or field.message_type.GetOptions().map_entry:
                continue
            for each in value if field.is_repeated else [value]:
                self._replace(each)

    def _replace_paths(self, message: Any, name: str) -> None:
        value = getattr(message, name)
        if isinstance(value, str):
            if value:  # another field of the same choice may be set
                setattr(message, name, self._path(value))
            return
        paths = [self._path(each) for each in value]
        del value[:]
        value.extend(paths)

    def _path(self, path: str) -> str:
        return self._disk(path.removeprefix("dbfs:")) if path.startswith(_PREFIXES) else path
