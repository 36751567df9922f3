"""One-hidden-layer networks: parameters, activations, loss and gradient."""
