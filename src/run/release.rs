//! Publishes what is current: the release of its key, computed only where it
//! does not stand yet.

use std::sync::Arc;

use super::context::{RunContext, manifest_records};
use crate::error::{Error, Result};
use crate::lake::{Event, Lake, Manifest, SliceRecord, crash};
use crate::pipeline::study::Disclosure;
use crate::pipeline::{Layer, Study, TableName};
use crate::plan::UpstreamContent;
use crate::publish::description::ReleaseInput;
use crate::publish::release::{ReleaseTable, current_release, write_release};
use crate::publish::tables::published_table;

/// Publishes the tables of a manifest; says whether that is another release
/// than before.
///
/// # Errors
/// [`Error::Protection`] for a study that needs disclosure control;
/// [`Error::Model`] where totals cannot be added up; [`Error::Io`].
pub(super) async fn publish(context: &Arc<RunContext>, manifest: &Manifest) -> Result<bool> {
    let setup = &context.setup;
    let study = &setup.study;
    refuse_protected(study)?;
    let records = manifest_records(&context.lake, manifest)?;
    let input = release_input(study, &records)?;
    let key = input.key();
    if current_release(&setup.release)?.as_deref() == Some(key.as_str()) {
        return Ok(false);
    }
    let mut tables = Vec::new();
    for (name, published) in &study.published {
        context.stop.check()?;
        let table = TableName::new(Layer::Out, name.clone());
        let slices: Vec<&SliceRecord> = records.iter().collect();
        let mut views = context.views([&table], &slices)?;
        let view = views.pop().ok_or_else(|| Error::internal(format!("no view of {table}")))?;
        tables.push((name.clone(), published_table(&context.engine, view, published).await?));
        crash::point("table-added-up");
    }
    let description = input.describe(&tables);
    let table = |(name, batch)| ReleaseTable { name, batch };
    let tables: Vec<ReleaseTable> = tables.into_iter().map(table).collect();
    let changed = write_release(&setup.release, &key, &tables, &description)?;
    context.record(&Event::Released { id: key.clone(), changed })?;
    tracing::info!(
        "release {key}: {} tables in {}",
        tables.len(),
        setup.release.join("current").display()
    );
    Ok(changed)
}

fn refuse_protected(study: &Study) -> Result<()> {
    if study.disclosure != Disclosure::Protected {
        return Ok(());
    }
    Err(Error::Protection {
        message: format!(
            "the study {} is protected, and disclosure control does not stand yet",
            study.name
        ),
        hint: Some("the tables are current in the lake; nothing was published".to_owned()),
    })
}

/// What the release of a manifest would be made from.
///
/// # Errors
/// [`Error::Usage`] where a published table has no slice.
fn release_input<'a>(study: &'a Study, records: &[SliceRecord]) -> Result<ReleaseInput<'a>> {
    for name in study.published.keys() {
        let table = TableName::new(Layer::Out, name.clone());
        if !records.iter().any(|record| record.slice.table == table) {
            let error = Error::usage(format!("{table} is to be published and was never made"));
            return Err(error.with_hint("`honkvast run` makes it"));
        }
    }
    let contents = |is_wanted: &dyn Fn(&TableName) -> bool| -> Vec<UpstreamContent> {
        let wanted = records.iter().filter(|record| is_wanted(&record.slice.table));
        wanted
            .map(|record| UpstreamContent {
                slice: record.slice.clone(),
                content: record.content.clone(),
            })
            .collect()
    };
    Ok(ReleaseInput {
        study,
        inputs: contents(&|table| table.layer == Layer::Staging),
        cells: contents(&|table| {
            table.layer == Layer::Out && study.published.contains_key(&table.name)
        }),
    })
}

/// Says whether the release of a manifest stands.
///
/// # Errors
/// Of the lake and the release folder.
pub fn is_released(
    study: &Study,
    lake: &Lake,
    release: &std::path::Path,
    manifest: &Manifest,
) -> Result<bool> {
    let records = manifest_records(lake, manifest)?;
    match release_input(study, &records) {
        Ok(input) => Ok(current_release(release)? == Some(input.key())),
        Err(_) => Ok(false),
    }
}
