"""A person's data: told to whom asks for them, and erased for good."""
