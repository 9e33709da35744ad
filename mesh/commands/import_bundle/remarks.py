"""What an import says about the files of a bundle, each with its position."""

from __future__ import annotations

from mesh.commands.import_bundle.node import Place
from mesh.documents.document import MAX_MESSAGE
from mesh.finding import Finding


class Remarks:
    """Collects findings about a bundle; a finding is kept once, however many targets repeat it.

    Args:
        prefix: the path of the bundle's folder, as the reader of a finding may open it.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._found: dict[Finding, None] = {}

    def not_taken(self, place: Place, what: str, remedy: str = "") -> None:
        """Records a part of the bundle that the flows lack.

        Args:
            place: its position.
            what: the part, and why it is left out.
            remedy: what to write instead; "" if `what` says it.
        """
        message = _cut(f"not taken: {what} ({remedy})" if remedy else f"not taken: {what}")
        file, line, column = self._position(place)
        self._keep(Finding(file, line, column, "bundle-not-taken", message, severity="warning"))

    def changed(self, place: Place, what: str, now: str) -> None:
        """Records a part that the flows have in another form.

        Args:
            place: its position.
            what: the part.
            now: its form in the flow.
        """
        message = _cut(f"changed: {what} ({now})")
        file, line, column = self._position(place)
        self._keep(Finding(file, line, column, "bundle-changed", message, severity="warning"))

    def wrong(self, place: Place, what: str, remedy: str) -> None:
        """Records an error of the bundle, which stops the import."""
        message = _cut(f"{what} ({remedy})")
        self._keep(Finding(*self._position(place), "bundle-invalid", message))

    def refused(self, place: Place, code: str, message: str) -> None:
        """Records an error that other checks found, with their code."""
        self._keep(Finding(*self._position(place), code, _cut(message)))

    def _position(self, place: Place) -> tuple[str, int, int]:
        file = f"{self._prefix}/{place.file}" if self._prefix not in ("", ".") else place.file
        return file, place.line, place.column

    def _keep(self, finding: Finding) -> None:
        self._found[finding] = None

    @property
    def errors(self) -> list[Finding]:
        """The findings that stop the import, in order of their positions."""
        return sorted(one for one in self._found if one.severity == "error")

    @property
    def warnings(self) -> list[Finding]:
        """The other findings, in order of their positions."""
        return sorted(one for one in self._found if one.severity != "error")


def _cut(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else f"{message[: MAX_MESSAGE - 1]}…"
