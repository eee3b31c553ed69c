"""Incident waves: a topic that rises far over what is usual, and what supervisors do about it."""
