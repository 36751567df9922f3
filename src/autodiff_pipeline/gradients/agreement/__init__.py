"""Whether all ways to differentiate a network's loss agree, and with certified truth.

`case` is what is differentiated; `gradients` and `products` hold the methods, by name; `certified`
gives the truth; `comparison` holds each method against it.
"""
