"""What happens by itself: reading X, sending what was approved, finding out what became of the rest."""
