"""How other libraries train the same networks: our engines' peers in the benchmark.

Every peer is written as its own documentation recommends. It trains one network from each of I
initial parameters on one data set by plain gradient descent in float64, and returns their losses
after the last step. A peer is called in two steps: the first prepares and compiles, and only the
function that it returns is timed.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy
import torch
from torch import Tensor, nn
from torch.func import grad, vmap

from autodiff_pipeline.networks.activations import activation_named
from autodiff_pipeline.networks.network import Parameters, mean_squared_error


class Problem(NamedTuple):
    """What every peer trains, and how."""

    initial: Parameters  # w b v (I, H) and c (I,), float64
    x: Tensor  # (n,)
    y: Tensor  # (n,)
    activation: str  # "relu" or "tanh", which all peers have
    learning_rate: float


Run = Callable[[], Tensor]  # () -> losses (I,)
Start = Callable[[Problem, int], Run]  # (problem, steps)


def jax_jit_vmap_scan(problem: Problem, steps: int) -> Run:
    """One compiled program for all networks and steps, as in JAX's documentation."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]
    activation = {"relu": jax.nn.relu, "tanh": jnp.tanh}[problem.activation]
    inputs, targets = jnp.asarray(problem.x.numpy()), jnp.asarray(problem.y.numpy())
    initial = tuple(jnp.asarray(value.numpy()) for value in problem.initial)

    def loss(parameters: Any) -> Any:
        w, b, v, c = parameters
        # Units come first: with inputs first, the same product takes longer.
        hidden = activation(w[:, None] * inputs + b[:, None])
        return jnp.mean((v @ hidden + c - targets) ** 2)

    def step(parameters: Any, _: None) -> Any:
        gradient = jax.grad(loss)(parameters)
        return jax.tree.map(lambda p, g: p - problem.learning_rate * g, parameters, gradient), None

    def train(parameters: Any) -> Any:
        return loss(jax.lax.scan(step, parameters, length=steps)[0])

    compiled = jax.jit(jax.vmap(train)).lower(initial).compile()
    return lambda: torch.from_numpy(numpy.array(compiled(initial)))


def torch_module_loop(problem: Problem, steps: int) -> Run:
    """One nn.Module after another, trained by torch.optim.SGD."""
    inputs, targets = problem.x[:, None], problem.y[:, None]
    activation = {"relu": nn.ReLU(), "tanh": nn.Tanh()}[problem.activation]

    def train(w: Tensor, b: Tensor, v: Tensor, c: Tensor) -> Tensor:
        model = nn.Sequential(nn.Linear(1, len(w)), activation, nn.Linear(len(w), 1)).double()
        named = {"0.weight": w[:, None], "0.bias": b, "2.weight": v[None], "2.bias": c[None]}
        model.load_state_dict(named)
        optimizer = torch.optim.SGD(model.parameters(), lr=problem.learning_rate)
        criterion = nn.MSELoss()
        for _ in range(steps):
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        with torch.no_grad():
            loss: Tensor = criterion(model(inputs), targets)
        return loss

    return lambda: torch.stack([train(*network) for network in zip(*problem.initial, strict=True)])


def torch_vmap_grad(problem: Problem, steps: int) -> Run:
    """All networks at once by vmap(grad), not compiled."""
    initial, x, y, activation, learning_rate = problem

    def loss(parameters: Parameters) -> Tensor:
        return mean_squared_error(parameters, x, y, activation_named(activation).function)

    gradient = vmap(grad(loss))

    def train() -> Tensor:
        trained = initial
        for _ in range(steps):
            changes = gradient(trained)
            trained = Parameters(
                *(p - learning_rate * g for p, g in zip(trained, changes, strict=True))
            )
        return vmap(loss)(trained)

    return train


def sklearn_mlp_regressor(problem: Problem, steps: int) -> Run:
    """One MLPRegressor after another, in full batches; its loss is half the mean squared error."""
    from sklearn.neural_network import MLPRegressor

    inputs, targets = problem.x.numpy()[:, None], problem.y.numpy()

    def train(w: Tensor, b: Tensor, v: Tensor, c: Tensor) -> float:
        model = MLPRegressor(
            hidden_layer_sizes=(len(w),),
            activation=problem.activation,
            solver="sgd",
            alpha=0.0,
            batch_size=len(inputs),
            learning_rate_init=2 * problem.learning_rate,
            momentum=0.0,
            shuffle=False,
        )
        model.partial_fit(inputs, targets)  # creates the arrays, which then receive our start
        starts = (w[None].numpy(), v[:, None].numpy(), b.numpy(), c[None].numpy())
        for array, start in zip([*model.coefs_, *model.intercepts_], starts, strict=True):
            array[...] = start
        for _ in range(steps):
            model.partial_fit(inputs, targets)
        return float(((model.predict(inputs) - targets) ** 2).mean())

    return lambda: torch.tensor(
        [train(*network) for network in zip(*problem.initial, strict=True)],
        dtype=problem.x.dtype,
    )


PEERS: Mapping[str, Start] = {
    "jax jit(vmap(scan))": jax_jit_vmap_scan,
    "torch nn.Module": torch_module_loop,
    "torch vmap(grad)": torch_vmap_grad,
    "scikit-learn": sklearn_mlp_regressor,
}
