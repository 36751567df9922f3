from autodiff_pipeline.verification.comparison import KEYS

VERIFIED = [table for table in KEYS if table in TABLES]


rule verification:
    """Compare the tables of this configuration with the published ones, row by row."""
    input:
        **{table: f"results/tables/{table}.csv" for table in VERIFIED},
    output:
        "results/verification/verification.csv",
    log:
        "results/logs/verification.log",
    params:
        *code("verification"),
        # As inputs, those would be published anew, from the very tables.
        published={
            table: str(ROOT / f"results/reference/{table}.csv") for table in VERIFIED
        },
    message:
        "Compare tables with the published ones"
    script:
        "../scripts/verification.py"
