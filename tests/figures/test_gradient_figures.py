"""The figures of the gradients stage, from small frames; what they show is read back."""

import numpy
from pandas import DataFrame

from autodiff_pipeline.figures import gradient_agreement, gradient_kinks


def test_agreement_has_a_row_a_method_and_a_point_a_network():
    frame = DataFrame(
        [
            ("gradient", "float64", "initial", "relu", "reverse_mode", 1e-16),
            ("gradient", "float64", "trained", "relu", "reverse_mode", 0.0),
            ("gradient", "float32", "trained", "relu", "moments", 1e-7),
            ("hessian", "float64", "trained", "tanh", "complex_step", 1e-15),
        ],
        columns=["quantity", "dtype", "stage", "activation", "method", "max_relative_error"],
    )
    left, right = gradient_agreement.draw(frame).axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["reverse mode", "moments"]
    points = numpy.concatenate([dots.get_offsets() for dots in left.collections])
    assert sorted(points[:, 0]) == [gradient_agreement.LEAST, 1e-16, 1e-7]
    assert [axes.get_title() for axes in (left, right)] == ["gradient", "Hessian"]
    assert len(right.collections[0].get_offsets()) == 1


def test_kinks_show_both_sides_of_every_network_and_the_share_of_false_alarms():
    kinks = DataFrame(
        {
            "hidden_size": [2, 2, 5, 5],
            "optimizer": "adam",
            "kink_distance": [1e-3, 1e-4, 1e-5, 1e-6],
            "error_inside": [1e-16, 0.0, 1e-16, 1e-16],
            "error_outside": [1e-6, 1e-5, 1e-4, 1e-3],
            "gradcheck_false_alarm": [False, False, False, True],
        }
    )
    profiles = DataFrame(
        {"hidden_size": 2, "reach": [0.5, 2.0], "error": [0.0, 1e-5], "error_of_losses": 1e-5}
    )
    left, middle, right = gradient_kinks.draw(kinks, profiles).axes
    assert left.get_lines()[0].get_ydata().tolist() == [gradient_kinks.LEAST, 1e-5]
    outside, inside = (dots.get_offsets() for dots in middle.collections)
    assert outside[:, 1].tolist() == [1e-6, 1e-5, 1e-4, 1e-3]
    assert inside[:, 0].tolist() == [1e-3, 1e-4, 1e-5, 1e-6]
    assert right.get_lines()[0].get_ydata().tolist() == [0.0, 50.0]
