"""Ask every checker about right gradients and wrong ones, and write down its verdicts."""

from autodiff_pipeline.storage.logs import start

say = start(snakemake)

import pandas
import torch

from autodiff_pipeline.gradients.power.mutations import MUTATIONS
from autodiff_pipeline.gradients.power.survey import power_survey
from autodiff_pipeline.storage.frames import write_csv

torch.set_num_threads(snakemake.threads)
frames = []
for mutation in MUTATIONS:
    frames.append(power_survey(**snakemake.params.settings, mutation=mutation))
    say(f"{mutation}: {len(frames[-1])} verdicts on a wrong and a right gradient each")
write_csv(pandas.concat(frames), snakemake.output[0])
