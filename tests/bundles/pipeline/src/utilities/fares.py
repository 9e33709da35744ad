def rounded(fare):
    return round(fare)
