"""The sections of the page, which are the categories of Snakemake's report too."""

from typing import NamedTuple


class Section(NamedTuple):
    """A section: its name, the question it answers, and an introduction."""

    name: str
    question: str
    introduction: str


SECTIONS = {  # in reading order
    "lesson": Section(
        "The lesson",
        "From a derivative to a trained network",
        "Four steps, each with the project's own lines of code, as they ran.",
    ),
    "derivatives": Section(
        "Derivatives",
        "Are the derivatives right?",
        "Every method of differentiation is compared with certified truth, in units in the last "
        "place: half a unit is the best that rounding allows.",
    ),
    "gradients": Section(
        "Gradients",
        "Are the gradients right?",
        "The gradients of whole networks: how the methods compare, and what kinks do to finite "
        "differences and to the checks that are made of them.",
    ),
    "training": Section(
        "Training",
        "What do networks learn?",
        "Networks of one hidden layer, trained on whole data sets by iterations written by hand.",
    ),
    "statistics": Section(
        "Statistics over seeds",
        "What holds over all seeds?",
        "Networks that differ in nothing but their seeds end in different places. These "
        "statements are about all of them, with intervals.",
    ),
    "speed": Section(
        "Speed", "How fast is it?", "Engines and peers timed side by side on one machine."
    ),
}
