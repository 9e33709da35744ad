"""A rule of Acme."""


def reports_have_readers(flow):
    """Somebody may read the data of a report."""
    if flow.name == "report" and not flow.declared.declared.grants:
        yield flow.violation("nobody may read this report (add `grants`)")
    if flow.name == "orders":
        yield flow.violation("is what the report reads (this is only told)", "schedule", "timezone_id")
