"""What is known of one ticket's time, for `connector explain`: as data and in words."""
