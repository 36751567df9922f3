rule configuration:
    """The experiment as it was understood: defaults filled in, overlays merged."""
    output:
        "results/config.yaml",
    log:
        "results/logs/configuration.log",
    localrule: True
    params:
        *code("configuration"),
        settings=plain(EXPERIMENT),
    message:
        "Write the resolved configuration"
    script:
        "../scripts/configuration.py"
