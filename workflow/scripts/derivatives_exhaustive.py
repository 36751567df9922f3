"""Merge the error summaries of all ranges into one function's accuracy over every float32."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

import json

import torch

from autodiff_pipeline.derivatives.accuracy import accuracy_rows
from autodiff_pipeline.derivatives.error_summary import from_plain, merge
from autodiff_pipeline.derivatives.subject import subjects_of
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.storage.files import verified
from autodiff_pipeline.storage.frames import write_csv

torch.set_num_threads(snakemake.threads)
settings = snakemake.params.settings
summaries, reasons = {}, {}
for path in snakemake.input.parts:
    part = json.loads(verified(path).read_text())
    for *key, plain in part["summaries"]:
        summary = from_plain(plain)
        known = summaries.get(tuple(key))
        summaries[tuple(key)] = summary if known is None else merge(known, summary)
    reasons |= {tuple(key): reason for *key, reason in part["reasons"]}
subjects = subjects_of(settings["name"], parse(settings["expression"]), settings["operator"])
frame = accuracy_rows(subjects, "float32", settings["orders"], summaries, reasons)
write_csv(frame, snakemake.output[0])
