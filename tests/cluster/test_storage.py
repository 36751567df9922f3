"""Files that lie in storage, as they do where no file system is shared; here it is a folder."""

import shutil
from importlib.util import find_spec

import pytest
from cluster.conftest import OVERLAY

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(
        find_spec("snakemake_storage_plugin_fs") is None,
        reason="snakemake-storage-plugin-fs is missing: it is in the extra [cluster]",
    ),
    pytest.mark.skipif(shutil.which("rsync") is None, reason="the plugin needs rsync"),
]


def test_storage_gives_the_bytes_of_a_local_run(on_cluster, tmp_path, local):
    storage = tmp_path / "storage"
    storage.mkdir()
    stored = on_cluster(
        *("--default-storage-provider", "fs", "--default-storage-prefix", str(storage)),
    )
    in_blocks = {**OVERLAY, "training": {**OVERLAY["training"], "seeds_per_job": 1}}
    run = stored.run("--", "tables", overlay=in_blocks)
    assert run.code == 0, run.text
    tables = [
        name for name in local if name.startswith("results/tables/") and name.endswith(".csv")
    ]
    assert len(tables) > 5
    assert all((storage / name).read_bytes() == local[name] for name in tables)
