//! Tests of the lake as a whole: what is put is found, and a kill at any point
//! leaves the old state or the new one, from which the next run goes on.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::Int64Type;

use super::names::parse_slice;
use super::*;
use crate::publish::clearance::Clearance;
use crate::publish::release::{PreparedRelease, ReleaseTable, current_release, prepare_release};

fn batch(ids: impl IntoIterator<Item = i64>) -> RecordBatch {
    let ids: Vec<i64> = ids.into_iter().collect();
    let names = ids.iter().map(|id| (id % 7 != 0).then(|| format!("name {}", id % 1000)));
    let names: StringArray = names.collect();
    RecordBatch::try_from_iter([
        ("person_id", Arc::new(Int64Array::from(ids)) as ArrayRef),
        ("name", Arc::new(names)),
    ])
    .unwrap()
}

fn writing(lake: &Lake) -> Scratch {
    let lock = lake.lock("test", None, &AtomicU8::new(0)).unwrap();
    lake.begin(lock, &RunId::now()).unwrap()
}

fn finish(scratch: &Scratch, batches: &[RecordBatch], key: &[&str]) -> FinishedSlice {
    let key: Vec<String> = key.iter().map(|column| (*column).to_owned()).collect();
    let mut writer = scratch.slice_writer(&batches[0].schema(), &key).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.finish().unwrap()
}

fn record(scratch: &Scratch, slice: &str, made_of: &str) -> SliceRecord {
    let hash = blake3::hash(made_of.as_bytes());
    let slice = parse_slice(slice).unwrap();
    SliceRecord::new(slice, OwnKey::of(&hash), Key::of(&hash), scratch.run().clone())
}

fn put(scratch: &Scratch, slice: &str, made_of: &str, rows: i64) -> SliceRecord {
    let finished = finish(scratch, &[batch(0..rows)], &["person_id"]);
    scratch.put(finished, record(scratch, slice, made_of)).unwrap()
}

/// All files and folders below a folder, sorted.
fn tree(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for name in files::names_in(dir).unwrap() {
        let path = dir.join(&name);
        if path.is_dir() && !path.is_symlink() {
            found.extend(tree(&path).into_iter().map(|below| format!("{name}/{below}")));
        }
        found.push(name);
    }
    found.sort();
    found
}

#[test]
fn the_dictionary_of_a_raw_file_stands_beside_its_slice() {
    let temp = tempfile::tempdir().unwrap();
    let lake = Lake::open(temp.path(), "s").unwrap();
    let scratch = writing(&lake);
    let mut finished = finish(&scratch, &[batch(0..3)], &[]);
    let names = ["PERSON", "SECTOR"].map(str::to_owned);
    let dictionary = FileDictionary::of_names("delimited", "utf-8", names);
    finished.dictionaries = vec![dictionary.clone()];
    let made = scratch.put(finished, record(&scratch, "raw.jobs 2016", "a")).unwrap();
    assert_eq!(lake.dictionaries(&made).unwrap(), std::slice::from_ref(&dictionary));
    let file = lake.slice_path(&made).with_file_name("dictionary.json");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o7777, 0o600);
    let json = std::fs::read_to_string(file).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let wanted = serde_json::json!({
        "format": "delimited",
        "encoding": "utf-8",
        "columns": [{ "name": "PERSON" }, { "name": "SECTOR" }],
    });
    assert_eq!(json, wanted);
    let bare = put(&scratch, "raw.jobs 2017", "b", 3);
    assert_eq!(lake.dictionaries(&bare).unwrap(), []);
    let mut finished = finish(&scratch, &[batch(0..3)], &[]);
    let several = vec![dictionary, FileDictionary::of_names("delimited", "utf-8", [])];
    finished.dictionaries = several.clone();
    let made = scratch.put(finished, record(&scratch, "raw.jobs 2018", "c")).unwrap();
    assert_eq!(lake.dictionaries(&made).unwrap(), several);
}

#[test]
fn a_slice_that_is_put_is_found_and_reads_back() {
    let temp = tempfile::tempdir().unwrap();
    let lake = Lake::open(temp.path(), "s").unwrap();
    let scratch = writing(&lake);
    let made = put(&scratch, "core.jobs 2016", "a", 10);
    assert_eq!((made.rows, made.sort_key.len()), (10, 1));
    assert_eq!(made.schema[1].data_type, "text");
    assert_eq!(lake.find(&made.slice, &made.key).unwrap(), Some(made.clone()));
    assert_eq!(lake.keys_of(&made.slice).unwrap(), [(made.own.clone(), made.key.clone())]);
    let other = parse_slice("core.jobs 2017").unwrap();
    assert_eq!(lake.find(&other, &made.key).unwrap(), None);
    assert_eq!(lake.slice_path(&made).metadata().unwrap().len(), made.bytes);
    assert_eq!(lake.slice_schema(&made).unwrap().fields().len(), 2);
}

#[test]
fn a_table_without_rows_is_a_slice_too() {
    let temp = tempfile::tempdir().unwrap();
    let lake = Lake::open(temp.path(), "s").unwrap();
    let made = put(&writing(&lake), "core.jobs", "a", 0);
    assert_eq!(made.rows, 0);
    assert_eq!(lake.slice_schema(&made).unwrap().field(0).name(), "person_id");
}

/// The same rows with a mask of nulls over the ids, none of which is null.
fn with_idle_mask(batch: &RecordBatch) -> RecordBatch {
    let ids = batch.column(0).as_primitive::<Int64Type>().values().clone();
    let ids = Int64Array::new(ids, Some(NullBuffer::new_valid(batch.num_rows())));
    let columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::clone(batch.column(1))];
    RecordBatch::try_new(batch.schema(), columns).unwrap()
}

#[test]
fn bytes_and_hash_do_not_depend_on_how_rows_come_in_batches() {
    let temp = tempfile::tempdir().unwrap();
    let scratch = writing(&Lake::open(temp.path(), "s").unwrap());
    let whole = batch(0..50_000);
    let mut parts = Vec::new();
    let mut start = 0;
    for length in [1, 4_999, 8_192, 0, 20_000, 16_807, 1] {
        parts.push(whole.slice(start, length));
        start += length;
    }
    let masked = with_idle_mask(&whole);
    let whole = finish(&scratch, &[whole], &["person_id"]);
    let read = |slice: &FinishedSlice| std::fs::read(slice.folder.path().join(DATA_FILE)).unwrap();
    for other in [parts, vec![masked]] {
        let other = finish(&scratch, &other, &["person_id"]);
        assert!(read(&whole) == read(&other));
        assert_eq!(whole.content, other.content);
    }
}

#[test]
fn an_order_that_does_not_hold_is_found_across_batches() {
    let temp = tempfile::tempdir().unwrap();
    let scratch = writing(&Lake::open(temp.path(), "s").unwrap());
    let order = |batches: &[RecordBatch]| finish(&scratch, batches, &["person_id"]).order;
    assert!(order(&[batch(0..20_000)]).is_strict());
    let twice = order(&[batch(0..8_192), batch(8_191..20_000)]);
    assert_eq!((twice.duplicate_keys, twice.first_unsorted_row), (1, None));
    let falls = order(&[batch(0..8_192), batch(5..9), batch(0..1)]);
    assert_eq!((falls.duplicate_keys, falls.first_unsorted_row), (0, Some(8_193)));
    let nulls = |ids: Vec<Option<i64>>| {
        let ids = Arc::new(Int64Array::from(ids)) as ArrayRef;
        order(&[RecordBatch::try_from_iter([("person_id", ids)]).unwrap()])
    };
    assert!(nulls(vec![None, Some(i64::MIN), Some(1)]).is_strict());
    assert_eq!(nulls(vec![Some(1), None]).first_unsorted_row, Some(2));
    assert_eq!(nulls(vec![None, None]).duplicate_keys, 1);
    let unsorted = finish(&scratch, &[batch([2, 1])], &["person_id"]);
    assert!(scratch.put(unsorted, record(&scratch, "core.jobs", "a")).is_err());
    assert!(finish(&scratch, &[batch([2, 1])], &[]).order.is_strict());
}

#[test]
fn one_key_with_two_contents_is_refused_and_the_first_stays() {
    let temp = tempfile::tempdir().unwrap();
    let lake = Lake::open(temp.path(), "s").unwrap();
    let scratch = writing(&lake);
    let first = put(&scratch, "core.jobs 2016", "a", 10);
    assert_eq!(put(&scratch, "core.jobs 2016", "a", 10), first);
    let other = finish(&scratch, &[batch(0..11)], &["person_id"]);
    let refused = scratch.put(other, record(&scratch, "core.jobs 2016", "a")).unwrap_err();
    assert!(refused.to_string().contains("core.jobs 2016 is not deterministic"), "{refused}");
    assert_eq!(lake.find(&first.slice, &first.key).unwrap().unwrap().rows, 10);
}

#[test]
fn a_damaged_slice_is_an_error_that_names_its_folder() {
    let temp = tempfile::tempdir().unwrap();
    let lake = Lake::open(temp.path(), "s").unwrap();
    let made = put(&writing(&lake), "core.jobs 2016", "a", 10);
    std::fs::write(lake.slice_path(&made), "short").unwrap();
    let error = lake.find(&made.slice, &made.key).unwrap_err().to_string();
    assert!(error.contains("slices/core.jobs/2016/"), "{error}");
}

#[test]
fn columns_that_are_not_stored_are_named() {
    let temp = tempfile::tempdir().unwrap();
    let scratch = writing(&Lake::open(temp.path(), "s").unwrap());
    let column = Arc::new(arrow::array::NullArray::new(1)) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("nothing", column)]).unwrap();
    let error = scratch.slice_writer(&batch.schema(), &[]).err().unwrap().to_string();
    assert!(error.contains("column nothing is of type Null"), "{error}");
}

#[test]
fn nothing_in_the_lake_is_open_to_others() {
    let temp = tempfile::tempdir().unwrap();
    let lake = Lake::open(&temp.path().join("lake"), "s").unwrap();
    let scratch = writing(&lake);
    let made = put(&scratch, "core.jobs 2016", "a", 3);
    scratch.commit(&Manifest::new("s", [&made]), None).unwrap();
    scratch.save_candidate(&Manifest::new("s", [&made])).unwrap();
    lake.ledger(scratch.run()).unwrap();
    lake.save_fingerprints().unwrap();
    let mut rows = scratch.rows_writer(&batch(0..1).schema()).unwrap();
    rows.write(&batch(0..2)).unwrap();
    scratch.put_rejects(rows.finish().unwrap(), &made.slice, &made.key).unwrap();
    assert!(lake.rejects_path(&made.slice, &made.key).exists());
    for name in tree(&temp.path().join("lake")).into_iter().chain([String::new()]) {
        let path = temp.path().join("lake").join(&name);
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{name}");
    }
}

#[test]
fn a_check_is_remembered_with_its_rows() {
    let temp = tempfile::tempdir().unwrap();
    let lake = Lake::open(temp.path(), "s").unwrap();
    let scratch = writing(&lake);
    let key = Key::of(&blake3::hash(b"check"));
    let name = "ages_are_known".to_owned();
    let check = CheckRecord { name, key: key.clone(), rows: 2, rows_sum: None };
    assert_eq!(lake.check_result(&check.name, &key).unwrap(), None);
    let mut rows = scratch.rows_writer(&batch(0..1).schema()).unwrap();
    rows.write(&batch(0..2)).unwrap();
    scratch.put_check(check.clone(), Some(rows.finish().unwrap())).unwrap();
    let kept = lake.check_result(&check.name, &key).unwrap().unwrap();
    assert_eq!((kept.rows, kept.rows_sum.is_some()), (2, true));
    assert!(lake.root().join(format!("checks/{}/{key}.parquet", check.name)).exists());
    assert!(lake.check_result("../lock", &key).is_err());
}

#[test]
fn current_moves_only_from_the_state_that_was_expected() {
    let temp = tempfile::tempdir().unwrap();
    let lake = Lake::open(temp.path(), "s").unwrap();
    let scratch = writing(&lake);
    assert_eq!(lake.current().unwrap(), None);
    let old = Manifest::new("s", [&put(&scratch, "core.jobs 2016", "a", 3)]);
    let old_id = scratch.commit(&old, None).unwrap();
    assert_eq!(lake.current().unwrap(), Some(old));
    let new = Manifest::new("s", [&put(&scratch, "core.jobs 2016", "b", 4)]);
    assert!(scratch.commit(&new, None).is_err());
    let new_id = scratch.commit(&new, Some(&old_id)).unwrap();
    assert_eq!(lake.current_id().unwrap(), Some(new_id.clone()));
    let data = lake.root().join("current/core/jobs/year=2016/data.parquet");
    assert!(data.exists());
    assert!(lake.root().join("snapshots").join(&old_id).exists());
    let mut open = new.clone();
    for entry in open.slices.values_mut() {
        let slice = parse_slice("raw.jobs 2016").unwrap();
        entry.upstreams.push(Upstream { slice, content: "x".to_owned() });
    }
    assert!(scratch.commit(&open, Some(&new_id)).is_err());
    scratch.save_candidate(&open).unwrap();
    scratch.save_candidate(&open).unwrap();
    assert_eq!(lake.candidate(scratch.run()).unwrap(), Some(open));
}

#[test]
fn the_next_run_sweeps_what_dead_ones_left() {
    let temp = tempfile::tempdir().unwrap();
    let lake = Lake::open(temp.path(), "s").unwrap();
    let dead = lake.root().join("scratch/20200101T000000Z-000000");
    std::fs::create_dir_all(dead.join("spill/deep")).unwrap();
    std::fs::write(dead.join("spill/deep/part"), "microdata").unwrap();
    std::os::unix::fs::symlink("snapshots/half", dead.join("current-1")).unwrap();
    std::fs::write(lake.root().join(".files.json-4194304"), "half").unwrap();
    let scratch = writing(&lake);
    assert!(!dead.exists() && scratch.spill().is_dir());
    assert!(!lake.root().join(".files.json-4194304").exists());
    drop(finish(&scratch, &[batch(0..3)], &[]));
    let run = scratch.run().to_string();
    assert_eq!(tree(&lake.root().join("scratch")), [run.clone(), format!("{run}/spill")]);
    drop(scratch);
    assert_eq!(tree(&lake.root().join("scratch")), Vec::<String>::new());
    assert_eq!(lake.holder().unwrap(), None);
}

/// A whole run on the folder that the environment names. As a test of its own
/// it does nothing; [`a_kill_at_any_point_leaves_the_old_state_or_the_new_one`]
/// starts it in a process that dies on the way.
#[test]
fn a_run_in_a_process_of_its_own() {
    let Ok(dir) = std::env::var("HONKVAST_TEST_CRASH_DIR") else { return };
    run_once(Path::new(&dir), 5);
}

/// Makes two slices, makes them current, releases them.
fn run_once(dir: &Path, rows: i64) {
    let lake = Lake::open(&dir.join("lake"), "s").unwrap();
    let scratch = writing(&lake);
    let made_of = rows.to_string();
    let one = put(&scratch, "core.jobs 2016", &made_of, rows);
    let other = put(&scratch, "core.jobs 2017", &made_of, rows);
    let manifest = Manifest::new("s", [&one, &other]);
    scratch.save_candidate(&manifest).unwrap();
    let current = lake.current_id().unwrap();
    let id = scratch.commit(&manifest, current.as_deref()).unwrap();
    let table = ReleaseTable { name: "jobs".to_owned(), batch: batch(0..rows) };
    let json = serde_json::json!({ "rows": rows, "disclosure": "public" });
    let clearance = Clearance::for_tests();
    let release = dir.join("release");
    let prepared = prepare_release(&release, "s", &id, &[table], &json, &clearance).unwrap();
    prepared.map_or(Ok(()), PreparedRelease::make_current).unwrap();
}

/// Slices, current state and releases; not what differs from run to run.
fn state(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for part in ["lake/slices", "lake/snapshots", "release"] {
        found.extend(tree(&dir.join(part)).into_iter().map(|name| format!("{part}/{name}")));
    }
    for link in ["lake/current", "release/current"] {
        found.push(dir.join(link).read_link().unwrap().display().to_string());
    }
    found
}

#[test]
fn a_kill_at_any_point_leaves_the_old_state_or_the_new_one() {
    let undisturbed = tempfile::tempdir().unwrap();
    run_once(undisturbed.path(), 3);
    run_once(undisturbed.path(), 5);
    let expected = state(undisturbed.path());
    let points = [
        ("slice-written", 3),
        ("slice-verified:2", 3),
        ("slice-putting", 3),
        ("slice-put:2", 3),
        ("candidate-kept", 3),
        ("snapshot-built", 3),
        ("current-swapping", 3),
        ("current-swapped", 5),
        ("release-written", 5),
        ("release-swapping", 5),
        ("release-swapped", 5),
    ];
    for (point, rows_seen) in points {
        let temp = tempfile::tempdir().unwrap();
        run_once(temp.path(), 3);
        let old_release = current_release(&temp.path().join("release")).unwrap();
        let killed = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "lake::tests::a_run_in_a_process_of_its_own"])
            .env("HONKVAST_KILL_AT", point)
            .env("HONKVAST_TEST_CRASH_DIR", temp.path())
            .output()
            .unwrap();
        assert_eq!(killed.status.signal(), Some(9), "{point}");
        let lake = Lake::open(&temp.path().join("lake"), "s").unwrap();
        assert_eq!(lake.holder().unwrap(), None, "{point}");
        let manifest = lake.current().unwrap().unwrap();
        for entry in manifest.slices.values() {
            let record = lake.record(&entry.slice, &entry.own, &entry.key).unwrap();
            assert_eq!(record.rows, rows_seen, "{point}");
        }
        let release = current_release(&temp.path().join("release")).unwrap();
        assert_eq!(release != old_release, point == "release-swapped", "{point}");
        assert!(temp.path().join("release/current/jobs.csv").exists(), "{point}");
        run_once(temp.path(), 5);
        assert_eq!(state(temp.path()), expected, "{point}");
        assert_eq!(tree(&lake.root().join("scratch")), Vec::<String>::new(), "{point}");
    }
}
