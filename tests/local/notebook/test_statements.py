"""SQL text as statements."""

from local.notebook.statements import markers, split


def test_statements_end_at_semicolons() -> None:
    assert split("use schema s;\nselect 1;\n") == ["use schema s", "select 1"]


def test_a_semicolon_in_a_string_name_or_comment_does_not_end_a_statement() -> None:
    text = "select ';', `a;b` -- and; so on\nfrom t /* ; */ where x = \"it's;\""
    assert split(text) == ["select ';', `a;b`  \nfrom t   where x = \"it's;\""]


def test_parameters_are_found_outside_strings() -> None:
    assert markers("select :name, ':not', a::int, m:field from t where b = :other") == {"name", "other"}
