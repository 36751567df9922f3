"""Merge the error summaries of all ranges into one function's accuracy over every float32."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

import json

import torch

from autodiff_pipeline.derivatives.accuracy import accuracy_rows, ways_of
from autodiff_pipeline.derivatives.error_summary import ErrorSummary, from_plain, merge
from autodiff_pipeline.derivatives.summaries import Key, Measured
from autodiff_pipeline.derivatives.systems.registry import subjects_in
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.storage.files import verified
from autodiff_pipeline.storage.frames import write_csv

torch.set_num_threads(snakemake.threads)
settings = snakemake.params.settings
summaries: dict[Key, ErrorSummary] = {}
reasons: dict[Key, str] = {}
for path in snakemake.input.parts:
    part = json.loads(verified(path).read_text())
    for *names, plain in part["summaries"]:
        summary, key = from_plain(plain), tuple(names)
        summaries[key] = merge(summaries[key], summary) if key in summaries else summary
    reasons |= {tuple(names): reason for *names, reason in part["reasons"]}
subjects = subjects_in(
    settings["systems"], settings["name"], parse(settings["expression"]), settings["operator"]
)
measured = Measured(summaries, reasons)
frame = accuracy_rows(subjects, "float32", ways_of(settings["ways"]), measured)
write_csv(frame, snakemake.output[0])
