"""The filed rule as data and the scoring engine: plain Python, without Django, database or settings."""
