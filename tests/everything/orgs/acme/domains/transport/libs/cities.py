NEW_YORK = "New York"
