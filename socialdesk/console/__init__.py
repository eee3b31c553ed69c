"""The web pages that agents and supervisors work in."""
