"""Summarize the errors of one function's derivatives over a range of consecutive float32."""

from autodiff_pipeline.storage.logs import start

say = start(snakemake)

import json

import torch

from autodiff_pipeline.derivatives.accuracy import ways_of
from autodiff_pipeline.derivatives.computed import CHUNK
from autodiff_pipeline.derivatives.error_summary import to_plain
from autodiff_pipeline.derivatives.summaries import summarize_chunks
from autodiff_pipeline.derivatives.systems.registry import subjects_in
from autodiff_pipeline.derivatives.truths import truth_of_pieces
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import from_ranks, points_of_ranks
from autodiff_pipeline.numbers.ulp import FORMATS
from autodiff_pipeline.storage.files import recorded
from autodiff_pipeline.truth.pieces import build_pieces

torch.set_num_threads(snakemake.threads)
settings = snakemake.params.settings
low, high = settings["ranks"]


def reported(chunks):
    """The chunks, with a line of progress every sixteenth."""
    for index, chunk in enumerate(chunks):
        if index % 16 == 15:
            say(f"{index * CHUNK} of {high - low} points")
        yield chunk


expression = parse(settings["expression"])
first, last = from_ranks(torch.tensor([low, high - 1]), torch.float32).tolist()
ways = ways_of(settings["ways"])
highest = max(order for order, _ in ways)
pieces = build_pieces(expression, first, last, highest, FORMATS["float32"])
measured = summarize_chunks(
    subjects_in(settings["systems"], settings["name"], expression, settings["operator"]),
    "float32",
    reported(points_of_ranks(low, high, torch.float32, CHUNK)),
    ways,
    truth_of_pieces(pieces, "float32"),
)
with recorded(snakemake.output[0]) as path:
    found = {
        "summaries": [[*key, to_plain(summary)] for key, summary in measured.summaries.items()],
        "reasons": [[*key, reason] for key, reason in measured.reasons.items()],
    }
    path.write_text(json.dumps(found))
