import numpy
import pytest

from autodiff_pipeline.derivatives.kinds import BESIDE_ROOT, KINDS, RIGHT, kinds_of
from autodiff_pipeline.derivatives.regions import Border, located, regions_of
from autodiff_pipeline.numbers.ulp import FORMATS, Truth

FLOAT32 = FORMATS["float32"]


def test_a_kind_for_every_way_to_be_wrong():
    cases = [  # returned, rounded truth, log2 of its ulp, kind
        (0.0, 1.0, -23, "lost"),
        (0.0, 10 * 2.0**-149, -149, None),  # a few of the smallest subnormals
        (0.0, 100 * 2.0**-149, -149, "lost"),
        (numpy.nan, 1.0, -23, "nan"),
        (numpy.inf, 1e38, 103, "infinite"),
        (numpy.inf, numpy.inf, 104, None),
        (-1.0, 1.0, -23, "wrong_sign"),
        (-(2.0**-149), 2.0**-149, -149, None),
        (1 + 2.0**-10, 1.0, -23, "imprecise"),
        (1 + 2.0**-14, 1.0, -23, None),
        (1e-12, 0.0, 0, None),  # the truth is exactly 0, and other truths are about 1
        (1.0, 0.0, 0, "imprecise"),
        (numpy.nan, 0.0, 0, "nan"),
    ]
    values, rounded, exponents, names = zip(*cases, strict=True)
    count = len(cases)
    truth = Truth(
        numpy.array(rounded), numpy.zeros(count), numpy.array(exponents), numpy.ones(count, bool)
    )
    truth.rounded[truth.rounded > 2] = numpy.where(
        numpy.isinf(truth.rounded[truth.rounded > 2]), numpy.inf, 1e38
    )
    without_large = numpy.array([not 2 < each < numpy.inf for each in rounded])
    kinds = numpy.empty(count, int)
    for part in (without_large, ~without_large):
        of_part = Truth(*(field[part] for field in truth))
        kinds[part] = kinds_of(numpy.array(values)[part], of_part, FLOAT32)[0]
    assert [None if kind == RIGHT else KINDS[kind] for kind in kinds] == list(names)


def regions(text):
    """Of one letter a number: . right, : almost, L lost, N nan, l lost beside a root."""
    kinds = {".": RIGHT, ":": RIGHT, "L": 0, "N": 1, "l": BESIDE_ROOT}
    found = regions_of(
        numpy.array([kinds[letter] for letter in text], numpy.int8),
        numpy.array([100.0 if letter == ":" else 0.0 for letter in text]),
    )
    return [(region.kind, region.places.tolist()) for region in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("....", []),
        ("LL..NN", [(0, [0, 1]), (1, [4, 5])]),
        ("L...L", [(0, [0, 4])]),
        ("L....L", [(0, [0]), (0, [5])]),
        ("L::::::L", [(0, [0, 7])]),
        ("LNL", [(0, [0, 2]), (1, [1])]),
        ("l......l", [(BESIDE_ROOT, [0, 7])]),
        ("Ll.L", [(0, [0, 3]), (BESIDE_ROOT, [1])]),
    ],
)
def test_regions_end_where_a_few_neighbours_are_right(text, expected):
    assert regions(text) == expected


def test_all_borders_are_located_at_once():
    inside = {1: (-(10**18), -12345), 2: (77, 10**15), 3: (5, 5)}

    def kinds_at(ranks):
        assert numpy.all(numpy.diff(ranks) > 0)
        kinds = numpy.full(len(ranks), RIGHT, numpy.int8)
        for kind, (first, last) in inside.items():
            kinds[(ranks >= first) & (ranks <= last)] = kind
        return kinds

    borders = [
        Border(1, -(2**62), -(10**17)),
        Border(1, 0, -(10**17)),
        Border(2, 50, 78),
        Border(2, 2**62, 10**14),
        Border(3, 4, 5),
        Border(3, 5, 5),  # nothing beyond
    ]
    assert located(borders, kinds_at) == [-(10**18), -12345, 77, 10**15, 5, 5]


def test_a_likely_border_saves_calls_and_changes_nothing():
    calls = []

    def kinds_at(ranks):  # in ragged kinds another search would find another border
        calls.append(len(ranks))
        return numpy.array([hash((rank, 1)) % 3 < rank // 10**15 for rank in ranks.tolist()], int)

    borders = [Border(1, 0, 3 * 10**15 + 5), Border(1, -7, 2**62), Border(0, 2**60, 40)]
    found = located(borders, kinds_at)
    rounds = len(calls)
    assert located(borders, kinds_at, [found[0], *found, 12345, 2**61]) == found
    assert rounds > 10
    assert len(calls) == rounds + 1
