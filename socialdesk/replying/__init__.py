"""A reply's way from the first words to X: proposed, drafted, looked at, approved, sent in its turn."""
