"""A simulated week at the desk: customers in thirteen languages, agents in shifts, one incident."""
