import torch

from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.training import dense, moments
from autodiff_pipeline.training.history import logged_epochs
from autodiff_pipeline.training.loop import train
from autodiff_pipeline.training.method import first_order
from autodiff_pipeline.training.optimizers import gradient_descent


def test_logged_epochs_begin_with_zero_and_end_with_the_last():
    for epochs in (1, 2, 10, 300, 3000, 12345):
        logged = logged_epochs(epochs)
        assert (logged[0], logged[-1]) == (0, epochs)
        assert logged == sorted(set(logged))
    assert logged_epochs(5) == [0, 1, 2, 3, 4, 5]
    assert 40 < len(logged_epochs(3000)) < 70


def constant_networks(values):
    """Networks without hidden signal: f(x) = c."""
    c = torch.tensor([values], dtype=torch.float64)
    zeros = torch.zeros(1, len(values), 1, dtype=torch.float64)
    return Parameters(zeros, zeros, zeros, c)


def test_the_iteration_follows_its_closed_form():
    # loss = (c - 3)^2, so after k steps c - 3 = (1 - 2 rate)^k (c0 - 3)
    x = torch.zeros(1, 4, dtype=torch.float64)
    history = train(
        first_order(
            dense.batched_gradient(x, x + 3.0, "automatic", activation="relu", compiled=False),
            gradient_descent(0.1),
        ),
        constant_networks([5.0, -1.0]),
        epochs=20,
    )
    for epoch, losses in zip(history.epochs, history.losses, strict=True):
        expected = (0.8 ** (2 * epoch)) * torch.tensor([[4.0, 16.0]], dtype=torch.float64)
        torch.testing.assert_close(losses, expected)
    torch.testing.assert_close(history.final.c[0, 0].item(), 3 + 2 * 0.8**20)
    assert history.diverged.tolist() == [[-1, -1]]


def test_a_diverging_network_is_frozen_and_recorded():
    # Far too large a rate throws c 19 times further at each step, until the loss overflows.
    x = torch.tensor([[1.0, 2.0]], dtype=torch.float64)
    one = torch.ones(1, 1, 1, dtype=torch.float64)
    wild = Parameters(3 * one, one, one, one[0])
    still = Parameters(*(0 * value for value in wild))  # w = b = v = 0, c = 0: fits y = 0 exactly
    both = Parameters(*(torch.cat(pair, dim=1) for pair in zip(wild, still, strict=True)))
    y = torch.zeros_like(x)
    history = train(
        first_order(moments.batched_gradient(x, y, "by_hand"), gradient_descent(10.0)),
        both,
        epochs=200,
    )
    epoch = history.diverged[0, 0].item()
    assert 100 < epoch < 200
    assert history.diverged[0, 1].item() == -1
    before = [k for k, logged in enumerate(history.epochs) if logged < epoch]
    assert torch.isfinite(history.losses[before, 0, 0]).all()
    assert torch.isinf(history.losses[len(before) :, 0, 0]).all()
    assert all(torch.isfinite(value).all() for value in history.final)
    assert torch.equal(history.losses[:, 0, 1], torch.zeros(len(history.epochs), dtype=x.dtype))
    # the frozen parameters are those of the epoch before
    shorter = train(
        first_order(moments.batched_gradient(x, y, "by_hand"), gradient_descent(10.0)),
        both,
        epoch - 1,
    )
    assert torch.equal(shorter.final.w[0, 0], history.final.w[0, 0])


def test_progress_is_reported_after_every_epoch():
    told = []
    x = torch.zeros(1, 4, dtype=torch.float64)
    history = train(
        first_order(
            dense.batched_gradient(x, x, "by_hand", activation="relu", compiled=False),
            gradient_descent(0.1),
        ),
        constant_networks([1.0]),
        epochs=12,
        report=told.append,
    )
    assert [progress.epoch for progress in told] == list(range(1, 14))
    assert torch.equal(told[-1].losses, history.losses)
    assert torch.equal(told[5].losses, history.losses[:6])


def test_training_leaves_its_arguments_alone():
    x = torch.linspace(-3, 3, 20, dtype=torch.float64)[None]
    initial = initial_parameters(1, [0], [0, 1], 5)
    before = [value.clone() for value in initial]
    train(
        first_order(moments.batched_gradient(x, x, "by_hand"), gradient_descent(0.01)), initial, 5
    )
    assert all(torch.equal(value, copy) for value, copy in zip(initial, before, strict=True))


def test_engines_train_alike():
    stream = torch.Generator().manual_seed(0)
    x = 10 * torch.randn(2, 300, generator=stream, dtype=torch.float64)
    y = 2 + 0.5 * x - 0.05 * x**2 + 2 * torch.randn(2, 300, generator=stream, dtype=torch.float64)
    initial = initial_parameters(1, range(2), range(5), 10)
    one, other = (
        train(first_order(method, gradient_descent(5e-4)), initial, epochs=300).losses
        for method in (
            moments.batched_gradient(x, y, "by_hand"),
            dense.batched_gradient(x, y, "automatic", activation="relu", compiled=False),
        )
    )
    torch.testing.assert_close(one, other, rtol=1e-8, atol=0)
