"""The feeds of the frontier and the laboratories: health quarantine (F06), interceptions (F07), wood packaging (F08)
and its integrity by month (N08), samples (F13)."""
