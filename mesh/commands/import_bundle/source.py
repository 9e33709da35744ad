"""Reads databricks.yml and the files that it includes.

Source: Databricks documentation, "Declarative Automation Bundle configuration".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath

from mesh.commands.import_bundle.bundle_folder import BundleFolder
from mesh.commands.import_bundle.node import Node, Place, from_document, merged
from mesh.commands.import_bundle.remarks import Remarks
from mesh.documents.document import read
from mesh.errors import UsageError
from mesh.finding import nearest

MAX_FILES = 1_000


@dataclass(frozen=True)
class Bundle:
    """A bundle as its files declare it.

    Args:
        folder: its folders.
        content: the merged content of all files, with the overrides of `targets` apart.
        targets: the names of its targets, the default one first; one without a name if it declares none.
    """

    folder: BundleFolder
    content: Node
    targets: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the bundle, or of its folder."""
        return self.content.child("bundle", "name").text or self.folder.root.joinpath(self.folder.home).name

    def target(self, name: str) -> Node:
        """The content with the overrides of one target merged in."""
        declared = self.content.child("targets", name)
        fields = (
            "variables",
            "resources",
            "artifacts",
            "permissions",
            "presets",
            "run_as",
            "workspace",
            "bundle",
        )
        content = self.content.without("targets")
        for field in (*fields, "mode", "git"):
            over = declared.get(field)
            if over is None:
                continue
            base = content.get(field)
            if field == "variables":
                base, over = over.new({}), _variables(content.child("variables"), over)
            content = content.having(**{field: merged(base, over, field) if base else over})
        return content


def read_bundle(folder: BundleFolder, target: str | None, remarks: Remarks) -> Bundle:
    """Returns the bundle of a folder.

    Args:
        folder: its folders.
        target: the target whose values hold where no environment differs; by default the bundle's own.
        remarks: receives what is wrong with the files.

    Raises:
        UsageError: the bundle has no such target.
    """
    main = (folder.home / folder.file).as_posix()
    first = _read(main, folder.root, remarks)
    content = first
    for file in _included(first, folder, main, remarks):
        more = _read(file, folder.root, remarks)
        _check_twice(content, more, remarks)
        content = merged(content, more)
    targets = content.child("targets").fields
    if target is not None and target not in targets:
        raise UsageError(f"the bundle has no target `{target}` ({nearest(target, targets, 'targets')})")
    default = next((name for name, one in targets.items() if one.child("default").value is True), None)
    base = target or default or next(iter(targets), "default")
    return Bundle(folder, content, (base, *(name for name in targets if name != base)))


def _read(file: str, root: Path, remarks: Remarks) -> Node:
    document, findings = read(root / file, root)
    for one in findings:
        remarks.refused(Place(one.file, one.line, one.column), one.code, one.message)
    return from_document(document)


def _included(first: Node, folder: BundleFolder, main: str, remarks: Remarks) -> Iterator[str]:
    seen = {main}
    for pattern in first.child("include").items:
        text = pattern.text
        path = normpath(folder.home / text)
        if not text or path.startswith(("/", "../")):
            what = f"`include` names `{text[:120]}`, which is too far above the bundle"
            remarks.wrong(pattern.place, what, "move the file into the bundle")
            continue
        try:
            found = sorted(one for one in folder.root.glob(path) if one.is_file())
        except (ValueError, OSError):
            found = []
        if not found and not any(character in text for character in "*?["):
            remarks.wrong(pattern.place, f"included file `{text[:120]}` does not exist", "correct the path")
        for one in found[:MAX_FILES]:
            file = one.relative_to(folder.root).as_posix()
            if one.suffix not in (".yml", ".yaml", ".json"):
                what = f"included file `{file}` is not YAML"
                remarks.not_taken(pattern.place, what, "declare its resources in YAML")
            elif file not in seen:
                seen.add(file)
                yield file


def _check_twice(content: Node, more: Node, remarks: Remarks) -> None:
    """Reports resources and variables that two files declare, which Databricks refuses, too."""
    groups = [("variables", content.child("variables"), more.child("variables"))]
    for kind, resources in more.child("resources").fields.items():
        groups.append((f"resources.{kind}", content.child("resources", kind), resources))
    for group, before, after in groups:
        for name in before.fields.keys() & after.fields.keys():
            first = before.fields[name].place
            what = f"`{group}.{name}` is declared in {first.file}:{first.line}, too"
            remarks.wrong(after.fields[name].place, what, "keep one")


def _variables(declared: Node, of_target: Node) -> Node:
    """The variables, with the values of a target: a value replaces the default as a whole."""
    known = {"default", "lookup", "type", "description"}
    result = dict(declared.fields)
    for name, node in of_target.fields.items():
        given = node if node.fields and node.fields.keys() <= known else Node({"default": node}, node.place)
        before = declared.child(name).without("default", "lookup")
        result[name] = Node({**before.fields, **given.fields}, node.place)
    return Node(result, of_target.place)
