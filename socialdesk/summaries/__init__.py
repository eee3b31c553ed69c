"""The weekly summary: the figures of the last whole week, by mail, for each supervisor who wants them."""
