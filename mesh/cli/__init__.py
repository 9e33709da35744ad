"""The command line: typer commands, options and help texts; the work is in mesh/commands."""
