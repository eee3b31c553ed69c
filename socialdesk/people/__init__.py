"""Who works here: agents, what they may do, how they sign in, and the languages they know."""
