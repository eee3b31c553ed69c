"""Replies by rules: what may answer without a person, when, and what keeps it from doing harm."""
