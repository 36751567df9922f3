# Every table, with its inputs by name and its settings. The script `tables` passes both to the
# function that has the table's name, in the module of that name; it passes the input `groups` one
# hidden size and optimizer at a time. Tables that need more than that have their own scripts. The page shows
# the table in its section, and says what a row is.
NETWORKS = "results/tables/networks.csv"
RISK = "held-out loss" if MEASURED else "excess risk"


def of_each_group(*files, optimizers=OPTIMIZERS):
    """The files of every group of networks as inputs, and the groups, in their order, as settings.

    The rows of these files do not name their group, unlike those of tables: with two more columns
    the history of 100,000 networks, 5 million rows, takes 206 MB instead of 141, a quarter more
    time to write, and almost three times the memory.
    """
    groups = [group for group in GROUPS if group[0] in optimizers]
    return {
        "inputs": {
            Path(file).stem: [
                f"results/training/{optimizer}/hidden_{hidden_size}/{file}"
                for optimizer, hidden_size in groups
            ]
            for file in files
        },
        "settings": {
            "groups": [[hidden_size, optimizer] for optimizer, hidden_size in groups],
            "networks": EXPERIMENT.data.seeds * EXPERIMENT.training.seeds,
        },  # networks of each group
    }


def of_functions(table):
    """What there is of a table for every function, one file each."""
    kinds = [table, "exhaustive"] if table == "accuracy" and EXHAUSTIVE else [table]
    return expand(
        "results/derivatives/{kind}/{function}.csv", kind=kinds, function=FUNCTIONS
    )


CURVES = of_each_group("parameters.npz", "networks.csv")
CURVES["settings"] |= plain(EXPERIMENT.training, "activation")
CURVES["code"] = ACTIVATION_CODE
if MEASURED:
    OF_SOURCE = {  # tables that depend on where the data come from
        "networks": {
            **CURVES,
            "inputs": {**CURVES["inputs"], "held_out": HELD_OUT},
            "script": "tables_networks_held_out",
            "row": "One row per network: how it ended, and its held-out loss.",
        },
        "baselines": {
            "inputs": {"training": DATA_SETS, "held_out": HELD_OUT},
            "settings": {},
            "script": "tables_baselines_held_out",
            "row": "One row per closed-form fit: its held-out loss.",
        },
    }
else:
    OF_SOURCE = {
        "networks": {
            **CURVES,
            "settings": {**CURVES["settings"], **TRUTH},
            "script": "tables_networks",
            "row": "One row per network: how it ended, and how far from the truth.",
        },
        "baselines": {
            "inputs": {"data": DATA_SETS},
            "settings": {**TRUTH, **NOISE},
            "script": "tables_baselines",
            "row": "One row per closed-form fit: its excess risk.",
        },
    }

TABLES = {
    "networks": {**OF_SOURCE["networks"], "section": "training"},
    "fits": {
        **CURVES,
        "settings": {
            **CURVES["settings"],
            **TRUTH,
            "units": UNITS,
            "interval": INTERVAL,
        },
        "script": "tables_fits",
        "section": "training",
        "row": "One row per x: quantiles of the fitted curves.",
    },
    "convergence": {
        **of_each_group("history.csv"),
        "script": "tables_convergence",
        "section": "training",
        "row": "One row per epoch: quartiles of the loss over all networks.",
    },
    "summary": {
        "inputs": {"groups": NETWORKS},
        "settings": {},
        "section": "statistics",
        "row": f"One row per hidden size and optimizer: the {RISK}.",
    },
    "variance": {
        "section": "statistics",
        "row": "One row per source of luck: its share, with an interval.",
        "inputs": {"groups": NETWORKS},
        "settings": plain(EXPERIMENT, "root_seed"),
    },
    "comparisons": {
        "section": "statistics",
        "row": "One row per pair of groups: how likely one beats the other.",
        "inputs": {"networks": NETWORKS},
        "settings": {},
        "script": "tables_comparisons",
    },
    "gradient_agreement": {
        "section": "gradients",
        "row": "One row per network, precision and method: how far it is from the truth.",
        "inputs": {"agreement": "results/gradients/agreement.csv"},
        "settings": {},
    },
    "baselines": {**OF_SOURCE["baselines"], "section": "statistics"},
    "minimization": {
        "section": "lesson",
        "row": "One row per epoch: the two losses, and how far the runs are apart.",
        "inputs": {
            "trace": "results/minimization/trace.csv",
            "growth": "results/minimization/growth.csv",
        },
        "settings": {},
    },
    "trajectories": {
        "section": "lesson",
        "row": "One row per precision and gradient by hand: when its run parts from the automatic.",
        "inputs": {"growth": "results/minimization/growth.csv"},
        "settings": {},
    },
    **{
        f"derivative_{frame}": {
            "inputs": {"frames": of_functions(frame)},
            "settings": {},
            "script": "tables_derivatives",
            "section": "derivatives",
            "row": row,
        }
        for frame, row in DERIVATIVE_TABLES.items()
    },
}
TABLES_ASKED_FOR = {  # made only when asked for: they take minutes, or hours
    "derivative_exhaustive": {
        "inputs": {
            "frames": expand(
                "results/derivatives/published/{function}.csv",
                function=OPERATORS_PUBLISHED,
            )
        },
        "settings": {},
        "script": "tables_derivatives",
    },
    "checker_power": {
        "inputs": {"verdicts": "results/gradients/verdicts.csv"},
        "settings": {},
    },
    "stable_rules": {
        "inputs": {
            "frames": expand(
                "results/derivatives/stable_rules/{function}.csv",
                function=STABLE_RULES,
            )
        },
        "settings": {},
        "script": "tables_derivatives",
    },
}
if SHARPNESS_OF in OPTIMIZERS:
    TABLES["sharpness"] = {
        **of_each_group("history.csv", "networks.csv", optimizers=[SHARPNESS_OF]),
        "script": "tables_sharpness",
        "section": "training",
        "row": "One row per epoch: quantiles of the sharpness.",
    }
if EXPERIMENT.training.activation == "relu":
    TABLES["gradient_kinks"] = {
        "section": "gradients",
        "row": "One row per network: its nearest kink, and what finite differences make of it.",
        "inputs": {"kinks": "results/gradients/kinks.csv"},
        "settings": {},
    }
if MEASURED:
    TABLES["measurements"] = {
        "inputs": {"file": EXPERIMENT.data.file},
        "settings": plain(EXPERIMENT.data, "x", "y"),
        "script": "tables_measurements",
        "section": "lesson",
        "row": "One row per column of the file: its name, mean and standard deviation.",
    }
# Levenberg-Marquardt serves relu, and only a known truth can be approximated.
if EXPERIMENT.training.activation == "relu" and not MEASURED:
    TABLES["best_networks"] = {
        "inputs": {"data": DATA_SETS},
        "settings": {
            **TRUTH,
            **plain(EXPERIMENT, "root_seed"),
            **plain(EXPERIMENT.training, "hidden_sizes"),
        },
        "script": "tables_best_networks",
        "section": "statistics",
        "row": "One row per hidden size and data set: the best network that was found.",
        "localrule": False,  # takes minutes
    }
    TABLES["error_decomposition"] = {
        "section": "statistics",
        "row": "One row per hidden size and optimizer: approximation, estimation, optimization.",
        "inputs": {"groups": NETWORKS, "best": "results/tables/best_networks.csv"},
        "settings": {},
    }

for table, of_table in {**TABLES, **TABLES_ASKED_FOR}.items():
    written_in = of_table.get("script", "tables")
    picked = [] if "script" in of_table else [f"autodiff_pipeline.tables.{table}"]
    # The figures of derivatives wait for some, and take the longest to draw.
    is_early = (
        not of_table.get("localrule", True) or of_table.get("section") == "derivatives"
    )

    rule:
        name:
            f"table_{table}"
        input:
            **of_table["inputs"],
        output:
            f"results/tables/{table}.csv",
        log:
            f"results/logs/tables/{table}.log",
        priority: int(is_early)
        localrule: of_table.get("localrule", True)
        params:
            *code(written_in, *picked, *of_table.get("code", [])),
            script=written_in,
            settings=of_table["settings"],
        message:
            f"Tabulate {table}"
        script:
            "../scripts/{params.script}.py"
