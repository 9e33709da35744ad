def name(level):
    return f"orders of {level}"
