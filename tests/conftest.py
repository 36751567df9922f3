"""One thread a process, as in the scripts: two that wait for each other were seen to be slower."""

import torch

torch.set_num_threads(1)
