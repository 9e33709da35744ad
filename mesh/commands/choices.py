"""Choices of command-line arguments; it imports no slow modules, so that help texts print fast."""

from __future__ import annotations

from enum import StrEnum


class SchemaFile(StrEnum):
    """The YAML files that have a JSON Schema."""

    ORG = "org"
    DOMAIN = "domain"
    PROJECT = "project"
    DEPLOYMENT = "deployment"
    COMPUTE = "compute"
    DEFAULTS = "defaults"
    NAMING = "naming"
    REVIEW = "review"
    RULES = "rules"
    QUALITY = "quality"
    WORKSHOP = "workshop"
    PRICES = "prices"


class ScaffoldLevel(StrEnum):
    """The levels that `mesh new` creates files for."""

    ORG = "org"
    DOMAIN = "domain"
    PROJECT = "project"
    FLOW = "flow"
