"""What supervisors read: sums kept as the desk works, and the rules by which everything is counted."""
