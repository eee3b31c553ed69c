"""Who gets which case and why: shifts, limits, languages, and whether the hours to come are covered."""
