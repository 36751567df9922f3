"""Our engines and their peers, timed side by side."""
