SELECT * FROM by_borough
