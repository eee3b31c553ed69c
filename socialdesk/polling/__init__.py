"""How far X has been read: cursors, walks through its pages, gaps, and what could not be read."""
