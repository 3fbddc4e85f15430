import datetime
import hashlib
import io
import json

import pytest

from modelops.results import ResultClient, ResultError, tables

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
CODE = "c0de" * 16
A, B = "job-a", "job-b"


def parquet_bytes(columns):
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), buffer)
    return buffer.getvalue()


def write_losses(store, job, rows, entrypoint="m.f/baseline", is_old=False, **params):
    days = [datetime.datetime(2026, 1, 1 + at) for at in range(len(rows))]
    columns = {
        "job_id": [job] * len(rows),
        "param_id": [row[0] for row in rows],
        **{f"param_{name}": values for name, values in params.items()},
        "target": [row[1] for row in rows],
        "loss": pyarrow.array([row[2] for row in rows], pyarrow.float64()),
        "bundle_digest": [f"sha256:{job}"] * len(rows),
        "model_digest": ["sha256:m"] * len(rows),
        "entrypoint": [entrypoint] * len(rows),
        "computed_at": [f"{day:%Y-%m-%d}T00:00:00.000Z" for day in days] if is_old else pyarrow.array(days, pyarrow.timestamp("ms")),
        "reason": [None if row[2] is not None else "2 of 3 replicates missing" for row in rows],
    }
    folder = store / "results" / job
    folder.mkdir(parents=True)
    data = parquet_bytes(columns)
    (folder / "losses.parquet").write_bytes(data)
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    (folder / "manifest.json").write_text(json.dumps({"files": {"losses.parquet": {"digest": digest}}}))


def write_pack(store, name, results):
    """``results``: (task, param_id, params, seed, values or None for a failure)."""
    folder = store / "provenance/token/v1/sims" / CODE[:12] / "m.f@baseline" / name
    folder.mkdir(parents=True)
    ok = [result for result in results if result[4] is not None]
    output = {
        "day": pyarrow.array([day for one in ok for day in range(len(one[4]))], pyarrow.int32()),
        "x": [value for one in ok for value in one[4]],
        "param_id": [one[1] for one in ok for _ in one[4]],
        "seed": pyarrow.array([one[3] for one in ok for _ in one[4]], pyarrow.uint64()),
    }
    data = parquet_bytes(output)
    (folder / "curve.parquet").write_bytes(data)
    index = {
        "task_id": [one[0] for one in results],
        "param_id": [one[1] for one in results],
        "params": [json.dumps(one[2]) for one in results],
        "seed": pyarrow.array([one[3] for one in results], pyarrow.uint64()),
        "status": ["failed" if one[4] is None else "ok" for one in results],
        "rows_curve": pyarrow.array([len(one[4] or ()) for one in results], pyarrow.int32()),
        "sha256_curve": [hashlib.sha256(data).hexdigest()] * len(results),
    }
    (folder / "_index.parquet").write_bytes(parquet_bytes(index))
    return folder


def write_job(store, job, chunks):
    folder = store / "jobs" / job
    folder.mkdir(parents=True)
    binding = {"outputs": ["curve"], "schema": "token", "code": f"sha256:{CODE}"}
    (folder / "spec.json").write_text(json.dumps({"binding": binding}))
    for chunk, tasks in enumerate(chunks):
        path = folder / "attribution/1" / f"{chunk:06}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(parquet_bytes({"task_id": tasks, "source": ["computed"] * len(tasks)}))


@pytest.fixture
def store(tmp_path):
    store = tmp_path / "home/store"
    write_losses(store, A, [("p1", "t", 3.0), ("p2", "t", 1.0), ("p3", "t", None)], is_old=True, beta=[0.1, 0.2, 0.3])
    write_losses(store, B, [("p2", "t", 1.0), ("p4", "t", 2.0), ("p4", "u", 9.0)], beta=[0.2, 0.4, 0.4], n=[1, 2, 2])
    write_job(store, A, [["t1", "t2"], ["t3"], ["gone"]])
    write_pack(store, "0b", [("t3", "p2", {"beta": 0.2}, 2**64 - 1, [5.0]), ("t9", "p9", {"beta": 0.9}, 4, [9.0, 9.0])])
    write_pack(store, "0a", [("t0", "p0", {"beta": 0.0}, 0, [8.0]), ("t2", "p1", {"beta": 0.1}, 2, [3.0, 4.0]), ("t1", "p1", {"beta": 0.1}, 1, [1.0, 2.0])])
    write_pack(store, "0c", [("t1", "p1", {"beta": 0.1}, 1, [7.0]), ("gone", "p3", {"beta": 0.3}, 1, None)])
    return store


def rows(table):
    if hasattr(table, "to_pylist"):
        return table.to_pylist()
    return table.to_dicts() if hasattr(table, "to_dicts") else table.astype(object).where(table.notna(), None).to_dict("records")


def pairs(table):
    return [(row["param_id"], row["loss"]) for row in rows(table)]


@pytest.fixture(params=["pandas", "polars", "pyarrow", "polars alone"])
def client(request, store, monkeypatch):
    library = request.param.split()[0]
    pytest.importorskip(library)
    if request.param == "polars alone":
        monkeypatch.setattr(tables, "is_installed", lambda name: name == "polars")
    return ResultClient(store.parent, library)


def test_losses_of_a_job_come_in_the_order_of_its_parameter_sets(client):
    assert client.jobs() == [A, B]
    assert pairs(client.get_losses(A)) == [("p1", 3.0), ("p2", 1.0), ("p3", None)]
    assert rows(client.get_losses(A, limit=1))[0]["param_beta"] == 0.1
    assert pairs(client.get_losses(B, target="u")) == [("p4", 9.0)]
    with pytest.raises(ResultError, match="job-c has no results yet; mops jobs status job-c"):
        client.get_losses("job-c")
    with pytest.raises(ResultError, match="invalid job id"):
        client.get_losses("../secrets")


def test_the_time_of_a_loss_is_a_timestamp_also_in_losses_of_an_older_version(client):
    for table in (client.get_losses(A), client.get_losses(B), client.query_losses(target="u"), next(client.iter_losses(A))):
        kind = str(table["computed_at"].type if hasattr(table, "to_pylist") else table["computed_at"].dtype).lower()
        assert kind.startswith(("timestamp[", "datetime64[", "datetime("))
    assert {row["computed_at"] for row in rows(client.query_losses())} == {datetime.datetime(2026, 1, day, tzinfo=datetime.timezone.utc) for day in (1, 2, 3)}


def test_losses_come_in_batches_of_one_table_at_a_time(client):
    frames = list(client.iter_losses(A, batch_size=2))
    assert [len(rows(frame)) for frame in frames[:-1]] == [2] * (len(frames) - 1) and len(frames) > 1
    assert [row for frame in frames for row in rows(frame)] == rows(client.get_losses(A))
    chosen = [row for frame in client.iter_losses(target="t", batch_size=1) for row in rows(frame)]
    assert {row["target"] for row in chosen} == {"t"} and len(chosen) == len(rows(client.query_losses(target="t")))
    with pytest.raises(ValueError, match="batch_size is 0"):
        next(client.iter_losses(batch_size=0))
    with pytest.raises(ResultError, match="gone has no results yet"):
        next(client.iter_losses("gone"))


def test_queries_over_all_jobs_come_least_loss_first(client):
    assert pairs(client.query_losses(target="t")) == [("p2", 1.0), ("p2", 1.0), ("p4", 2.0), ("p1", 3.0), ("p3", None)]
    assert [row["param_n"] for row in rows(client.query_losses(target="t"))] == [None, 1, 2, None, None]
    assert pairs(client.query_losses(min_loss=1.5, max_loss=3)) == [("p4", 2.0), ("p1", 3.0)]
    assert pairs(client.query_losses(A, since="2026-01-02", until="2026-01-02T00:00:00Z")) == [("p2", 1.0)]
    assert pairs(client.query_losses(bundle_digest=f"sha256:{B}", limit=1)) == [("p2", 1.0)]


def test_the_best_sets_count_once_and_on_one_scale(client):
    assert pairs(client.get_best_parameters("t", 2)) == [("p2", 1.0), ("p4", 2.0)]
    assert pairs(client.get_best_parameters(job=A, n_best=9)) == [("p2", 1.0), ("p1", 3.0)]
    with pytest.raises(ResultError, match="specify one of the targets t, u: their losses have no common scale"):
        client.get_best_parameters()


def test_models_and_scenarios_are_not_ranked_together(store):
    write_losses(store, "job-d", [("p9", "t", 0.5)], entrypoint="m.g/baseline")
    write_losses(store, "job-e", [("p1", "t", 0.1)], entrypoint="m.f/lockdown")
    client = ResultClient(store.parent, "pyarrow")
    with pytest.raises(ResultError, match=r"specify one of the models m\.f, m\.g: their parameters differ"):
        client.get_best_parameters("t")
    with pytest.raises(ResultError, match=r"specify one of the scenarios baseline, lockdown: their best parameters differ"):
        client.get_best_parameters("t", model="m.f")
    assert pairs(client.get_best_parameters("t", model="m.f", scenario="baseline")) == [("p2", 1.0)]
    assert pairs(client.get_best_parameters("t", model="m.g")) == [("p9", 0.5)]


def test_outputs_are_those_of_the_jobs_own_tasks_in_order_each_once(client):
    table = client.outputs(A, "curve")
    expected = [("p1", 1, 0.1, 0, 1.0), ("p1", 1, 0.1, 1, 2.0), ("p1", 2, 0.1, 0, 3.0), ("p1", 2, 0.1, 1, 4.0), ("p2", 2**64 - 1, 0.2, 0, 5.0)]
    assert list(table.column_names if hasattr(table, "column_names") else table.columns) == ["param_id", "seed", "param_beta", "day", "x"]
    assert [tuple(row.values()) for row in rows(table)] == expected
    with pytest.raises(ResultError, match="job-a has no output incidence; its outputs are curve"):
        client.outputs(A, "incidence")


def test_outputs_come_in_batches_of_one_pack_at_a_time(client, store, monkeypatch):
    read = []
    output = client._store._output
    monkeypatch.setattr(client._store, "_output", lambda pack, *rest: read.append(pack.name) or output(pack, *rest))
    frames = client.iter_outputs(A, "curve", batch_size=3)
    first = next(frames)
    assert read == ["0a"] and len(rows(first)) == 3
    found = [row for frame in (first, *frames) for row in rows(frame)]
    assert read == ["0a", "0b"]
    by_values = lambda row: tuple(row.values())  # noqa: E731
    assert sorted(found, key=by_values) == sorted(rows(client.outputs(A, "curve")), key=by_values)
    for call, message in (
        (lambda: client.iter_outputs(A, "incidence"), "job-a has no output incidence"),
        (lambda: client.iter_outputs("job-c", "curve"), "job job-c not found"),
    ):
        with pytest.raises(ResultError, match=message):
            next(call())
    with pytest.raises(ValueError, match="batch_size is 0"):
        next(client.iter_outputs(A, "curve", batch_size=0))
    write_job(store, "job-f", [["nothing"]])
    with pytest.raises(ResultError, match="job-f has no results yet"):
        next(client.iter_outputs("job-f", "curve"))


def test_damaged_deleted_and_missing_outputs_are_errors(store):
    folder = store / "provenance/token/v1/sims" / CODE[:12] / "m.f@baseline/0a"
    (folder / "curve.parquet").write_bytes(b"other")
    with pytest.raises(ResultError, match="curve.parquet is damaged"):
        ResultClient(store).outputs(A, "curve")
    (folder / "curve.parquet").unlink()
    with pytest.raises(ResultError, match="output curve of pack 0a is missing"):
        ResultClient(store).outputs(A, "curve")
    (folder / "_evicted.json").write_text("{}")
    with pytest.raises(ResultError, match="was deleted by an eviction"):
        ResultClient(store).outputs(A, "curve")
    (store / "results" / A / "losses.parquet").write_bytes(b"other")
    with pytest.raises(ResultError, match="was changed after it was written; mops results reindex job-a"):
        ResultClient(store).get_losses(A)


@pytest.mark.parametrize("layout", ["parquet", "csv"])
@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_an_export_has_the_outputs_of_its_job(tmp_path, layout, library):
    pytest.importorskip(library)
    (tmp_path / ".modelops-export.json").write_text(json.dumps({"job": A, "layout": layout}))
    (tmp_path / "curve.csv").write_text("param_id,seed,day,x\np1,1,0,2.5\n")
    (tmp_path / "curve.parquet").write_bytes(parquet_bytes({"param_id": ["p1"], "seed": [1], "day": [0], "x": [2.5]}))
    client = ResultClient(tmp_path, library)
    assert client.jobs() == [A]
    assert rows(client.outputs(A, "curve")) == [{"param_id": "p1", "seed": 1, "day": 0, "x": 2.5}]
    if layout == "parquet":
        assert [rows(frame) for frame in client.iter_outputs(A, "curve")] == [[{"param_id": "p1", "seed": 1, "day": 0, "x": 2.5}]]
    else:
        with pytest.raises(ResultError, match="curve.csv: it is not Parquet; export with --layout parquet"):
            next(client.iter_outputs(A, "curve"))
    for call, message in (
        (lambda: client.outputs(B, "curve"), "is an export of job-a, not of job-b"),
        (lambda: client.outputs(A, "curv"), "has no output curv; its outputs are curve"),
        (lambda: client.get_losses(A), "has no losses"),
        (lambda: client.get_losses(B), "is an export of job-a, not of job-b"),
    ):
        with pytest.raises(ResultError, match=message):
            call()


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_an_export_has_the_losses_of_its_job(tmp_path, library):
    pytest.importorskip(library)
    marker = tmp_path / ".modelops-export.json"
    marker.write_text(json.dumps({"job": A, "layout": "parquet", "losses": "losses.parquet"}))
    losses = {"param_id": ["p1", "p2"], "target": ["t", "t"], "loss": [3.0, 1.0], "entrypoint": ["models.sir.SIR/baseline"] * 2}
    (tmp_path / "losses.parquet").write_bytes(parquet_bytes(losses))
    client = ResultClient(tmp_path, library)
    assert pairs(client.get_losses(A)) == [("p1", 3.0), ("p2", 1.0)]
    assert pairs(client.get_best_parameters()) == [("p2", 1.0)]
    with pytest.raises(ResultError, match="its outputs are $"):
        client.outputs(A, "curve")
    marker.write_text(json.dumps({"job": A, "layout": "csv", "losses": "losses.csv"}))
    with pytest.raises(ResultError, match="cannot read .*losses.csv: it is not Parquet"):
        ResultClient(tmp_path, library).get_losses(A)


def test_a_folder_that_is_no_store_and_missing_libraries_are_named(tmp_path, store, monkeypatch):
    with pytest.raises(ResultError, match="is neither a store nor an export"):
        ResultClient(tmp_path / "home/store/jobs")
    with pytest.raises(ResultError, match="not found"):
        ResultClient(tmp_path / "nowhere")
    monkeypatch.setenv("MODELOPS_HOME", str(store.parent))
    assert ResultClient().jobs() == [A, B]
    monkeypatch.setattr(tables, "is_installed", lambda name: False)
    with pytest.raises(ImportError, match="reading results needs pyarrow or polars; pip install pyarrow"):
        tables.table_engine()
