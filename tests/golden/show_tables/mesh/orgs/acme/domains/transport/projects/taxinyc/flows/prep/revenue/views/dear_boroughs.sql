-- Where taxis earn most
SELECT pickup_borough FROM revenue_by_borough WHERE amount > 1000
