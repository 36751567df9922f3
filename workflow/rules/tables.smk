# Every table: its inputs by name and its settings. The script `tables` gives both to the function
# of the table's name in the module of that name; the input `groups` it reads and gives one hidden
# size and optimizer at a time. What takes more than that has a script of its own.
NETWORKS = "results/tables/networks.csv"
DATA_SETS = expand("results/data/{data_seed}.csv", data_seed=DATA_SEEDS)
TRUTH = {name: EXPERIMENT["data"][name] for name in ("true_model", "input_scale")}


def of_each_group(*files, optimizers=OPTIMIZERS):
    """The files of every group of networks, and as settings which group each is of.

    In the files themselves, a row does not say its group: with the 4,100,000 rows of the history of
    100,000 networks that would be XX.
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
            "networks": EXPERIMENT["data"]["seeds"] * EXPERIMENT["training"]["seeds"],
        },  # networks of each group
    }


CURVES = of_each_group("parameters.npz", "networks.csv")
CURVES["settings"] |= {**TRUTH, "activation": EXPERIMENT["training"]["activation"]}
CURVES["code"] = ACTIVATION_CODE

TABLES = {
    "networks": {**CURVES, "script": "tables_networks"},
    "fits": {**CURVES, "script": "tables_fits"},
    "convergence": {**of_each_group("history.csv"), "script": "tables_convergence"},
    "summary": {"inputs": {"groups": NETWORKS}, "settings": {}},
    "variance": {
        "inputs": {"groups": NETWORKS},
        "settings": {"root_seed": EXPERIMENT["root_seed"]},
    },
    "comparisons": {
        "inputs": {"networks": NETWORKS},
        "settings": {},
        "script": "tables_comparisons",
    },
    "baselines": {
        "inputs": {"data": DATA_SETS},
        "settings": {**TRUTH, "noise_scale": EXPERIMENT["data"]["noise_scale"]},
        "script": "tables_baselines",
    },
    "minimization": {
        "inputs": {"trace": "results/minimization/trace.csv"},
        "settings": {},
    },
    **{
        f"derivative_{frame}": {
            "inputs": {"frames": of_functions(frame)},
            "settings": {},
            "script": "tables_derivatives",
        }
        for frame in DERIVATIVE_TABLES
    },
}
if SHARPNESS_OF in OPTIMIZERS:
    TABLES["sharpness"] = {
        **of_each_group("history.csv", "networks.csv", optimizers=[SHARPNESS_OF]),
        "script": "tables_sharpness",
    }
if EXPERIMENT["training"]["activation"] == "relu":  # which Levenberg-Marquardt serves
    TABLES["best_networks"] = {
        "inputs": {"data": DATA_SETS},
        "settings": {
            **TRUTH,
            "root_seed": EXPERIMENT["root_seed"],
            "hidden_sizes": HIDDEN_SIZES,
        },
        "script": "tables_best_networks",
        "localrule": False,  # a search of minutes
    }
    TABLES["error_decomposition"] = {
        "inputs": {"groups": NETWORKS, "best": "results/tables/best_networks.csv"},
        "settings": {},
    }

for table, of_table in TABLES.items():
    script = of_table.get("script", "tables")
    picked = [] if "script" in of_table else [f"autodiff_pipeline.tables.{table}"]

    rule:
        name:
            f"table_{table}"
        input:
            **of_table["inputs"],
        output:
            f"results/tables/{table}.csv",
        log:
            f"results/logs/tables/{table}.log",
        localrule: of_table.get("localrule", True)
        params:
            *code(script, *picked, *of_table.get("code", [])),
            script=script,
            settings=of_table["settings"],
        message:
            f"Tabulate {table}"
        script:
            "../scripts/{params.script}.py"
