"""Makes one self-contained page of the tables and figures; it begins with the answers."""
