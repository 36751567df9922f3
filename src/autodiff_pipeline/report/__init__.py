"""Tables and figures to one self-contained page, which opens on the answers."""
