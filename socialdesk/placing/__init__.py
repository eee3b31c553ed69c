"""Which case a message belongs to, whenever it comes, and what agents and X change about that later."""
