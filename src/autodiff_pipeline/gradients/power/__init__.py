"""The power of checkers: wrong gradients of a known size, and which checker notices them.

`functions` draws functions, `mutations` makes their gradients wrong in one of seven ways, `survey`
asks every checker about the right gradient and the wrong one.
"""
