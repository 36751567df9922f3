"""One line of Python that shows a wrong derivative, with nothing but the system itself."""

import math

LONG = 64  # elements: whole vector registers on every machine

_TORCH_FUNCTIONS = ("torch.func", "torch")
_FUNCTIONS = {  # where grad, vmap and jvp are, and where ones_like is
    "torch": _TORCH_FUNCTIONS,
    "torch_compile": _TORCH_FUNCTIONS,
    "jax": ("jax", "jax.numpy"),
}
_COMPILED = {"torch": "{}", "torch_compile": "torch.compile({})", "jax": "jax.jit({})"}
_TORCH = "import torch; x = torch.full(({length},), {x!r}, dtype=torch.{dtype}); "
_START = {
    "torch": _TORCH,
    "torch_compile": _TORCH,
    "jax": "import jax; import jax.scipy.special; jax.config.update('jax_enable_x64', {wide}); "
    "x = jax.numpy.full({length}, {x!r}, '{dtype}'); ",
}


def reproducer(
    system: str,
    source: str,
    method: str,
    order: int,
    dtype: str,
    x: float,
    length: int,
    truth: float,
) -> str:
    """A line that prints what a system returns for the derivative at x, and the truth.

    Args: source, of the function of x in that system; method, reverse_mode, forward_mode or, of
    torch, autograd_grad; length, how many elements the tensor has in which x stands: torch has
    other code for short ones.
    """
    (library, arrays), function = _FUNCTIONS[system], f"lambda x: {source}"
    start = _START[system].format(length=length, x=x, dtype=dtype, wide=dtype == "float64")
    if method == "reverse_mode":
        derivative = f"{library}.vmap({_nested(f'{library}.grad', order, function)})"
    elif method == "autograd_grad":
        start += "x.requires_grad_(); d = lambda f: lambda x: "
        start += "torch.autograd.grad(f(x).sum(), x, create_graph=True)[0]; "
        derivative = _nested("d", order, function)
    else:
        ones = f"{arrays}.ones_like(x)"
        start += f"d = lambda f: lambda x: {library}.jvp(f, (x,), ({ones},))[1]; "
        derivative = _nested("d", order, function)
    derivative = _COMPILED[system].format(derivative)
    return f"{start}print({derivative}(x)[0].item(), {_literal(truth)})"


def _nested(operator: str, order: int, function: str) -> str:
    return f"{operator}(" * order + function + ")" * order


def _literal(value: float) -> str:
    return repr(value) if math.isfinite(value) else f"float('{value}')"
