"""The feeds of the frontier and the laboratories: health quarantine (F06), interceptions (F07), samples (F13)."""
