//! The lake as a former version of honkvast would have left it: the slices that
//! are current, under the keys that their ingredients give with another output
//! version, and where a test says so with other rows.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicU8;

use arrow::array::RecordBatch;
use honkvast::lake::{Lake, Manifest, RunId, Scratch, SliceRecord, Upstream};
use honkvast::pipeline::SliceId;
use honkvast::plan::ingredients::{OUTPUT_VERSION_NAME, own_fingerprint};
use honkvast::plan::{UpstreamContent, key};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// Rewrites a lake; these slices came out without their last row.
pub(crate) fn leave_by_a_former_version(lake: &Path, study: &str, other: &[&str]) {
    let lake = Lake::open(lake, study).unwrap();
    let lock = lake.lock("a former version", None, &AtomicU8::new(0)).unwrap();
    let scratch = lake.begin(lock, &RunId::now()).unwrap();
    let manifest = lake.current().unwrap().unwrap();
    let mut records: BTreeMap<SliceId, SliceRecord> = BTreeMap::new();
    while records.len() < manifest.slices.len() {
        let is_next = |slice: &SliceId| {
            let mut reads = manifest.slices[slice].upstreams.iter();
            !records.contains_key(slice) && reads.all(|read| records.contains_key(&read.slice))
        };
        let next = manifest.slices.keys().find(|slice| is_next(slice)).unwrap();
        let entry = &manifest.slices[next];
        let now = lake.record(next, &entry.own, &entry.key).unwrap();
        let is_other = other.contains(&next.to_string().as_str());
        let former = put_former(&lake, &scratch, &now, &records, is_other);
        assert_eq!(former.content == now.content, !is_other, "{next}");
        records.insert(next.clone(), former);
    }
    let before = lake.current_id().unwrap().unwrap();
    let former = Manifest::new(&manifest.study, records.values());
    scratch.commit(&former, Some(&before)).unwrap();
    std::fs::remove_dir_all(lake.root().join("snapshots").join(before)).unwrap();
}

fn put_former(
    lake: &Lake,
    scratch: &Scratch,
    now: &SliceRecord,
    before: &BTreeMap<SliceId, SliceRecord>,
    is_other: bool,
) -> SliceRecord {
    let mut record = now.clone();
    record.ingredients.insert(OUTPUT_VERSION_NAME.to_owned(), "0".to_owned()).unwrap();
    let content = |read: &Upstream| before[&read.slice].content.clone();
    let reads = now.upstreams.iter();
    record.upstreams =
        reads.map(|read| Upstream { slice: read.slice.clone(), content: content(read) }).collect();
    let own = own_fingerprint(&record.ingredients);
    let seen: Vec<UpstreamContent> = record
        .upstreams
        .iter()
        .map(|read| UpstreamContent { slice: read.slice.clone(), content: read.content.clone() })
        .collect();
    (record.own, record.key) = (own.parse().unwrap(), key(&own, &seen).parse().unwrap());
    let file = lake.slice_path(now);
    let rows = read(&file);
    let rows = if is_other { rows.slice(0, rows.num_rows() - 1) } else { rows };
    let mut writer = scratch.slice_writer(&rows.schema(), &now.sort_key).unwrap();
    writer.write(&rows).unwrap();
    let record = scratch.put(writer.finish().unwrap(), record).unwrap();
    let folder = file.parent().unwrap();
    let beside = folder.join("dictionary.json");
    if beside.exists() {
        let place = lake.slice_path(&record).with_file_name("dictionary.json");
        std::fs::rename(beside, place).unwrap();
    }
    std::fs::remove_dir_all(folder).unwrap();
    let rejects = lake.rejects_path(&now.slice, &now.key);
    if rejects.exists() {
        std::fs::rename(rejects, lake.rejects_path(&record.slice, &record.key)).unwrap();
    }
    record
}

/// The rows of a file of the lake.
pub(crate) fn read(file: &Path) -> RecordBatch {
    let file = std::fs::File::open(file).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test reads what the lake wrote")]
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let schema = reader.schema().clone();
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    arrow::compute::concat_batches(&schema, &batches).unwrap()
}
