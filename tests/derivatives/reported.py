"""What people reported of derivatives, restated: one point each at which torch 2.13 is wrong.

The expression as it would be configured, an operator if it is one, the dtype, order and x, from
issues and pull requests of PyTorch, JAX, TensorFlow, tt-metal, tinygrad, mlx, Stan, Julia and more.
"""

REPORTED = [
    ("sigmoid(x)", "sigmoid", "float64", 1, 37.42994775023705),  # pytorch#195681
    ("expm1(x)", "expm1", "float64", 1, -40.0),  # pytorch#192406
    ("exp2(x)", "exp2", "float64", 2, 1024.0),  # pytorch#192408
    ("exp2(x)", "exp2", "float64", 1, 1024.0),  # tensorflow#126627
    ("logsigmoid(x)", "logsigmoid", "float64", 2, 37.42994775023705),  # pytorch#195679
    ("silu(x)", "silu", "float64", 2, 40.410841513445845),  # pytorch#195682
    ("tanh(x)", "tanh", "float32", 1, -9.010913848876953),  # jax#40388
    ("tanh(x)", "tanh", "float64", 1, -19.061547465398498),  # tensorflow#126637
    ("tanh(x)", "tanh", "float32", 1, 50.0),  # jax#764
    ("softplus(x)", "softplus", "float64", 2, 37.42994775023705),  # tensorflow#126635
    ("softplus(x, 1, 100)", "softplus(x, 1, 100)", "float32", 1, 95.0),  # tt-metal#56397
    ("asinh(x)", "asinh", "float32", 1, 1e22),  # tt-metal#55725
    ("acosh(x)", "acosh", "float32", 1, 1e22),  # jax#40634
    ("sinc(x)", "sinc", "float64", 2, 0.0),  # pytorch#196703
    ("sinc(x)", "sinc", "float32", 4, 0.01),  # jax#5094
    ("log_ndtr(x)", "log_ndtr", "float32", 2, -20.0),  # jax#694
    ("digamma(x)", "digamma", "float32", 1, -1.0),  # pytorch#147450
    ("cosh(x)", "cosh", "float32", 1, 89.0),  # pytorch#48641
    ("erfcx(x)", "erfcx", "float64", 1, 26.6),  # jax#38607
    ("atan2(x, 0.002)", "atan2(x, 0.002)", "float16", 1, 0.002),  # pytorch#193040
    ("sinc(2*x - 1)", None, "float64", 1, 0.49999999999999994),  # jax#40629
    ("relu(x) + log1p(exp(-abs(x)))", None, "float32", 1, 0.0),  # pytorch#2195
    ("log(1 + exp(x))", None, "float32", 1, 100.0),  # tinygrad#11564
    ("1/(1 + exp(-x))", None, "float32", 1, -90.0),  # jax#777
    ("1e20/x", None, "float32", 1, 1e23),  # tt-metal#52376, the other end
    ("sqrt(0*x)", None, "float64", 1, 1.0),  # DualNumbers.jl#12
    ("abs(-x**2)", None, "float64", 2, 0.0),  # ForwardDiff.jl#377
    ("x**2/x", None, "float32", 1, 0.0),  # tensorflow#4914
    ("where(0*x > 0, 1/(0*x), 0*x)", None, "float32", 1, 12.0),  # jax#4915
    ("where(x > 0, sqrt(x), x)", None, "float32", 1, -1.0),  # pytorch#187297
    ("where(x <= 10, exp(x), 1)", None, "float32", 1, 1e10),  # pytorch#156212
    ("where(sqrt(x**2) > 0.5, sqrt(x**2), 1)", None, "float64", 1, 0.0),  # jax#347
    ("where(x > 0, 0*x, x*1e39)", None, "float32", 1, 1.0),  # jax#2630, with 1e39 for infinity
    ("max(sqrt(x**2), 1e-10)", None, "float32", 1, 0.0),  # mlx#3668
    ("log(x + sqrt(x*x + 1))", None, "float32", 1, -1e5),  # tinygrad#17749
    ("log(1 - exp(x))", None, "float64", 1, -1e-20),  # aesara#725
    ("x*(1 + tanh(0.8*(x + 0.044715*x**3)))/2", None, "float16", 1, 300.0),  # fairseq#2235
]
