"""The variables of keys."""

from mesh.kept.shell_variables import without_shells


def test_what_a_shell_changes_from_line_to_line_is_no_part_of_a_key() -> None:
    assert without_shells({"_": "/bin/a", "PWD": "/", "OLDPWD": "/", "SHLVL": "2", "b": "2", "a": "1"}) == [
        ("a", "1"),
        ("b", "2"),
    ]
