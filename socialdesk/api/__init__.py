"""The desk for other programs: JSON under /api/v1, for the same verbs and with the same rules as the pages.

A program works in an agent's name with a bearer token, as far as the token's scopes and the agent's role go.
What goes wrong is told as RFC 9457 has it (application/problem+json); lists are read a page at a time with
the cursor that the page before gives; times are RFC 3339 in UTC.
"""
