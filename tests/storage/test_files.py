import errno
from contextlib import suppress

import pytest

from autodiff_pipeline.storage.files import fingerprint, recorded, remove, verified, whole


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "table.csv"
    with suppress(InterruptedError), whole(path) as temporary:
        temporary.write_text("half of it")
        raise InterruptedError
    assert list(tmp_path.iterdir()) == []
    with whole(path) as temporary:
        temporary.write_text("all of it")
        assert not path.exists()
    assert path.read_text() == "all of it"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_one_sentence_that_names_the_file(tmp_path):
    path = tmp_path / "table.csv"
    full = OSError(errno.ENOSPC, "No space left on device", "somewhere")
    with pytest.raises(OSError, match=r"table\.csv cannot be written: No space"), whole(path):
        raise full


@pytest.mark.parametrize("damage", [b"", b"1,2", b"1,2\n3,5\n", b"1,2\n3,4\n\n"])
def test_a_file_that_changed_after_it_was_written_is_named_and_not_read(tmp_path, damage):
    path = tmp_path / "table.csv"
    with recorded(path) as temporary:
        temporary.write_bytes(b"1,2\n3,4\n")
    assert verified(path) == path
    path.write_bytes(damage)
    with pytest.raises(ValueError, match=r"table\.csv is not as it was written"):
        verified(path)


def test_a_file_without_a_checksum_is_taken_as_it_is(tmp_path):
    path = tmp_path / "carried.csv"
    path.write_text("x\n")
    assert verified(path) == path


def test_removing_leaves_nothing_and_may_be_done_twice(tmp_path):
    path = tmp_path / "table.csv"
    with recorded(path) as temporary:
        temporary.write_text("x\n")
    for _ in range(2):
        remove(path)
        assert list(tmp_path.iterdir()) == []


def test_a_fingerprint_follows_contents_and_parameters_only(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("1")
    second.write_text("1")
    assert fingerprint([first], {"rate": 1}) == fingerprint([second], {"rate": 1})
    assert fingerprint([first], {"rate": 1}) != fingerprint([first], {"rate": 2})
    second.write_text("2")
    assert fingerprint([first], {}) != fingerprint([second], {})
    assert fingerprint([first, second], {}) != fingerprint([second, first], {})
