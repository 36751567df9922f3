import pytest
import torch

from autodiff_pipeline.training.optimizers import adam, add, gradient_descent, momentum

CASES = {
    "gradient_descent": (gradient_descent(1e-3), lambda p: torch.optim.SGD(p, lr=1e-3)),
    "momentum": (momentum(1e-3, 0.8), lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.8)),
    "adam": (
        adam(0.1, 0.8, 0.99, 1e-6),
        lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.99), eps=1e-6),
    ),
}


def rosenbrock(point):
    a, b = point
    return (1 - a).square() + 100 * (b - a.square()).square()


@pytest.mark.parametrize("name", CASES)
def test_the_path_is_that_of_torch(name):
    optimizer, reference = CASES[name]
    start = torch.tensor([-0.4, 0.3], dtype=torch.float64)
    expected = start.clone().requires_grad_()
    stepper = reference([expected])
    point, state = start, optimizer.init(start)
    for _ in range(30):
        stepper.zero_grad()
        rosenbrock(expected).backward()
        stepper.step()
        change, state = optimizer.update(torch.func.grad(rosenbrock)(point), state)
        point = add(point, change)
        torch.testing.assert_close(point, expected.detach(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_trees_are_updated_leaf_by_leaf(name):
    optimizer, _ = CASES[name]
    leaves = (torch.tensor([1.0, 2.0]).double(), torch.tensor(3.0).double())
    flat = torch.tensor([1.0, 2.0, 3.0]).double()
    tree_state, flat_state = optimizer.init(leaves), optimizer.init(flat)
    for _ in range(3):
        tree, tree_state = optimizer.update(leaves, tree_state)
        change, flat_state = optimizer.update(flat, flat_state)
        assert torch.equal(torch.cat([tree[0], tree[1][None]]), change)


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_mutated(name):
    optimizer, _ = CASES[name]
    gradient = torch.ones(3, dtype=torch.float64)
    state = optimizer.init(gradient)
    first, _ = optimizer.update(gradient, state)
    again, _ = optimizer.update(gradient, state)
    assert torch.equal(first, again)
    assert torch.equal(gradient, torch.ones(3, dtype=torch.float64))
