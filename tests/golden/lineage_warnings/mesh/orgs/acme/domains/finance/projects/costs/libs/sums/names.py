def full_name(*parts):
    return ".".join(f"`{part}`" for part in parts)
