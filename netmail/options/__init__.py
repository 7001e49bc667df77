"""Options: names, values, rules, and the URLs that carry them."""
