"""The reply library: its catalogue, its texts, how they are filled, and whether all of them are in step."""
