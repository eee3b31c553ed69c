"""How fast the desk is on this machine: `python -m benchmarks`."""
