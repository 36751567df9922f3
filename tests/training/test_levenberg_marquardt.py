import pytest
import torch
from project import ROOT
from training.problem import default_data

from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.networks.network import Parameters, apply
from autodiff_pipeline.training import moments
from autodiff_pipeline.training.levenberg_marquardt import gauss_newton, levenberg_marquardt
from autodiff_pipeline.training.loop import train
from autodiff_pipeline.training.method import first_order
from autodiff_pipeline.training.optimizers import adam


def data(count, samples=300):
    stream = torch.Generator().manual_seed(0)
    x = 10 * torch.randn(count, samples, generator=stream, dtype=torch.float64)
    noise = 2 * torch.randn(count, samples, generator=stream, dtype=torch.float64)
    return x, 2 + 0.5 * x - 0.05 * x**2 + noise


@pytest.mark.parametrize("hidden_size", [1, 2, 10])
def test_the_matrix_is_that_of_the_jacobian(hidden_size):
    x, y = data(2, 50)
    parameters = initial_parameters(1, range(2), range(3), hidden_size)
    matrices = gauss_newton(parameters, moments.prepare(x, y))
    for data_set in range(2):
        centred = x[data_set] - x[data_set].mean()
        for network in range(3):
            w, b, v, c = (value[data_set, network] for value in parameters)
            same = Parameters(w, b + w * x[data_set].mean(), v, c)
            jacobian = torch.func.jacrev(apply)(same, centred, torch.relu)
            dense = torch.cat([part.reshape(50, -1) for part in jacobian], dim=1)
            torch.testing.assert_close(
                matrices[data_set, network], 2 / 50 * dense.T @ dense, rtol=1e-9, atol=1e-12
            )


def test_a_linear_problem_is_solved_at_once():
    # With one unit active everywhere and w, b all but undamped, f is linear: least squares.
    x = torch.linspace(1, 5, 40, dtype=torch.float64)[None]
    y = 3 * x - 1 + torch.sin(40 * x)
    one = torch.ones(1, 1, 1, dtype=torch.float64)
    start = Parameters(one, 10 * one, one, one[0])
    history = train(levenberg_marquardt(x, y, 1e-6), start, epochs=30)
    design = torch.stack([torch.ones(40, dtype=torch.float64), x[0]], dim=1)
    residual = y[0] - design @ torch.linalg.lstsq(design, y[0][:, None]).solution[:, 0]
    assert history.losses[-1].item() == pytest.approx(residual.square().mean().item(), rel=1e-6)


def test_few_steps_beat_many_of_adam():
    # the networks of the default configuration with 10 hidden units, and Adam as it is there
    x, y = default_data(10)
    initial = initial_parameters(1, range(10), range(10), 10)
    few = train(levenberg_marquardt(x, y, 1.0), initial, epochs=200).losses[-1]
    gradient = moments.batched_gradient(x, y, "by_hand")
    many = train(first_order(gradient, adam(3e-2)), initial, epochs=10_000).losses[-1]
    ours, theirs = few.quantile(0.5), many.quantile(0.5)
    assert ours < theirs
    said = f"lower median loss ({ours:.2f}) than 10,000 steps of Adam ({theirs:.2f})"
    assert said in " ".join((ROOT / "README.md").read_text().split())


def test_dead_units_stay_where_they_are():
    x, y = data(1)
    initial = initial_parameters(1, [0], [0], 3)
    dead = initial._replace(w=initial.w.clone(), b=initial.b.clone())
    dead.w[..., 0], dead.b[..., 0] = 1.0, -1e6  # never active
    final = train(levenberg_marquardt(x, y, 1.0), dead, epochs=20).final
    assert (final.w[..., 0] == 1.0).all()
    assert (final.b[..., 0] == -1e6).all()


@pytest.mark.parametrize("hidden_size", [1, 10])
def test_company_changes_nothing(hidden_size):
    x, y = data(2)
    initial = initial_parameters(1, range(2), range(9), hidden_size)
    together = train(levenberg_marquardt(x, y, 1.0), initial, epochs=20)
    some = Parameters(*(value[[1]][:, [8, 3]] for value in initial))
    apart = train(levenberg_marquardt(x[[1]], y[[1]], 1.0), some, epochs=20)
    assert torch.equal(apart.losses, together.losses[:, [1]][:, :, [8, 3]])
