"""Models that pass all fields of a Terraform resource through, in addition to fields of the mesh."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from pydantic import ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from mesh.documents.checked_model import CheckedModel
from mesh.documents.document import Document, Location
from mesh.documents.field_descriptions import descriptions
from mesh.documents.named_secret import (
    NAMED_SECRET_MESSAGE,
    RULE_VALUES,
    is_rule,
    names_its_secret,
    refers_to_value,
    secret_arguments,
)
from mesh.documents.provider_fields import Field, Shape, check, terraform_arguments
from mesh.documents.secret import named_like_secret, names_secret_in_scope, scopes_in, secret_field_message
from mesh.finding import Finding

_AS_TERRAFORM = "As Terraform's `{}`."
_JSON_TYPES = {"string": "string", "number": "number", "bool": "boolean"}


class PassThrough(CheckedModel):
    """Base of models that accept every field of a resource, in the API's spelling."""

    model_config = ConfigDict(extra="allow")

    NAME: ClassVar[str] = ""
    """The resource's name field, which the mesh sets to the key of the declaration; `""` for none."""

    @classmethod
    def shape(cls) -> Shape:
        """The resource's fields, without those that the mesh sets."""
        raise NotImplementedError

    @property
    def passed(self) -> dict[str, Any]:
        """The resource's own fields, as declared."""
        return dict(self.__pydantic_extra__ or {})

    @property
    def arguments(self) -> dict[str, Any]:
        """The resource's own fields, in Terraform's spelling."""
        return terraform_arguments(self.passed, self.shape())

    def check(self, document: Document, at: Location) -> Iterator[Finding]:
        """Checks the resource's own fields.

        Args:
            document: the file.
            at: the location of the declaration.
        """
        ours = (Field(name, name, "string") for name in type(self).model_fields)  # for the nearest name
        rest = {name: value for name, value in self.passed.items() if not self.NAME or name != self.NAME}
        yield from check(rest, self.shape().adding(*ours), document, at)
        yield from named_secrets(rest, document, at)
        if self.NAME and self.NAME in self.passed:
            message = f"`{self.NAME}` is set to `{at[-1]}`, the key of the declaration (remove it)"
            yield document.finding("name-given", (*at, self.NAME), message, at_key=True)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        result = handler.resolve_ref_schema(handler(schema))
        passed = shape_schema(cls.shape())
        result["properties"] = {**result.get("properties", {}), **passed["properties"]}
        result["additionalProperties"] = False
        if required := sorted({*result.get("required", []), *passed.get("required", [])}):
            result["required"] = required
        return result


def named_secrets(value: object, document: Document, at: Location) -> Iterator[Finding]:
    """Findings for text in fields named like secrets; Databricks' references `{{secrets/…}}` are allowed."""
    if not isinstance(value, dict | list):
        return
    items: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
    arguments = (
        {place: str(value[place - 1]) for place in secret_arguments(value)} if isinstance(value, list) else {}
    )
    pair = _named_value(value)
    scopes = scopes_in(map(str, value)) if isinstance(value, dict) else frozenset()
    for key, item in items:
        here = (*at, key)
        if isinstance(item, str) and names_secret_in_scope(str(key), item, scopes):
            continue
        texts = [item.get(name) for name in RULE_VALUES] if is_rule(item) else [item]
        if named_like_secret(str(key)) and any(map(_holds_text, texts)):
            yield document.finding("secret-in-yaml", here, secret_field_message(str(key)), at_key=True)
        elif key in arguments:
            yield document.finding("secret-in-yaml", here, secret_field_message(arguments[key]))
        elif key == "value" and pair and _holds_text(item):
            yield document.finding("secret-in-yaml", here, secret_field_message(pair))
        elif isinstance(item, str) and names_its_secret(item):
            yield document.finding("secret-in-yaml", here, NAMED_SECRET_MESSAGE)
        yield from named_secrets(item, document, here)


def _named_value(value: object) -> str:
    """The name in a block of a name and a value, if it suggests a secret; else ""."""
    names = [value.get(key) for key in ("name", "key")] if isinstance(value, Mapping) else []
    return next((name for name in names if isinstance(name, str) and named_like_secret(name)), "")


def _holds_text(value: object) -> bool:
    """True if a value is a text, or a list with a text, that is no reference to a secret."""
    texts = value if isinstance(value, list) else [value]
    return any(isinstance(one, str) and one and not refers_to_value(one) for one in texts)


def shape_schema(shape: Shape) -> dict[str, Any]:
    """The JSON Schema of a shape."""
    fields = {name: _json_field(field, shape.block) for name, field in sorted(shape.fields.items())}
    required = sorted(name for name, field in shape.fields.items() if field.required)
    schema: dict[str, Any] = {"type": "object", "properties": fields, "additionalProperties": False}
    return schema | ({"required": required} if required else {})


def _json_field(field: Field, block: str) -> dict[str, Any]:
    one = shape_schema(field.type) if isinstance(field.type, Shape) else _json_value(field, field.type)
    if field.many == "[]":
        one = {"type": "array", "items": one} | _limits(field, "minItems", "maxItems")
    elif field.many == "{}":
        one = {"type": "object", "additionalProperties": one}
    return {
        "description": descriptions().get((block, field.name)) or _AS_TERRAFORM.format(field.terraform)
    } | one


def _json_value(field: Field, kind: str) -> dict[str, Any]:
    """The JSON Schema of a value. Editors suggest known values; only closed fields refuse other values."""
    one: dict[str, Any] = {"type": _JSON_TYPES[kind]}
    if field.many == "":
        ends = ("minimum", "maximum") if kind == "number" else ("minLength", "maxLength")
        one |= _limits(field, *ends)
    if not field.values:
        return one
    known = {"enum": list(field.values)}
    return one | (known if field.closed else {"anyOf": [known, {}]})


def _limits(field: Field, least: str, most: str) -> dict[str, int]:
    ends = {least: field.least, most: field.most}
    return {name: end for name, end in ends.items() if end is not None}
