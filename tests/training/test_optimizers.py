import pytest
import torch

from autodiff_pipeline.training import optimizers

CASES = {
    "gradient_descent": (optimizers.gradient_descent(1e-3), lambda p: torch.optim.SGD(p, lr=1e-3)),
    "momentum": (
        optimizers.momentum(1e-3, 0.8),
        lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.8),
    ),
    "adam": (
        optimizers.adam(0.1, 0.8, 0.99, 1e-6),
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
        point = point + change
        torch.testing.assert_close(point, expected.detach(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_an_element_does_not_depend_on_its_company(name):
    optimizer, _ = CASES[name]
    gradient = torch.randn(37, dtype=torch.float64)
    state, first_state = optimizer.init(gradient), optimizer.init(gradient[:1])
    for _ in range(3):
        change, state = optimizer.update(gradient, state)
        first, first_state = optimizer.update(gradient[:1], first_state)
        assert torch.equal(change[:1], first)


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_mutated(name):
    optimizer, _ = CASES[name]
    gradient = torch.ones(3, dtype=torch.float64)
    state = optimizer.init(gradient)
    first, _ = optimizer.update(gradient, state)
    again, _ = optimizer.update(gradient, state)
    assert torch.equal(first, again)
    assert torch.equal(gradient, torch.ones(3, dtype=torch.float64))
