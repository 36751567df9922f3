"""Checking gradients: `certify` says whether a gradient is right, and if not, where and why.

A custom `autograd.Function` is tested in pytest like this::

    import torch
    from autodiff_pipeline.gradients.certify import certify


    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        def backward(ctx, upstream):
            (x,) = ctx.saved_tensors
            return 2 * x * upstream


    def test_the_backward_of_square():
        report = certify(Square.apply, torch.tensor([0.5, -1.2, 3.0], dtype=torch.float64))
        assert report.right, report


    def test_its_second_derivative():
        report = certify(Square.apply, torch.tensor([0.5, -1.2], dtype=torch.float64), order=2)
        assert report.right, report

Should the backward return `x * upstream`, the first test fails and says::

    Entry (2,) of output (2,): gradient 3.0, slope 6.0 ± 3e-14: too small by a factor of 2.

Points in float64 show the smallest errors; choose some at kinks and at the ends of domains.

How it works, a subject a module: `arguments` takes tensors, pytrees and modules apart and
`evaluation` calls the function; `steps`, `windows` and `ladder` measure one-sided slopes; `judge`
compares; `suspects`, `appeal` and `jumps` look again before an entry is called wrong; `kinked`,
`hull` and `nearby` judge entries with kinks together; `directions` and `mixtures` are for large
points and many outputs; `causes`, `summary` and `report` say it in words.
"""
