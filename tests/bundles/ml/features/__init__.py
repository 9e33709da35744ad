def borough():
    return "Bronx"
