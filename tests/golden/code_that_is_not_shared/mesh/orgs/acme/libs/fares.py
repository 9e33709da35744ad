def fare() -> float:
    return 2.5
