"""How well and how fast languages are told apart: by the desk and by the libraries one could take instead."""
