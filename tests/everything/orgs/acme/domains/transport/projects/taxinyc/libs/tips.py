"""What passengers add."""


def share(tip: float, fare: float) -> float:
    """Of the fare; 0 where that is nothing."""
    return tip / fare if fare else 0.0
