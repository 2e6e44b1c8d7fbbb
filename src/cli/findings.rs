//! `honkvast findings`.

use arrow::array::RecordBatch;

use super::arguments::Form;
use super::reading::TableForm;
use super::rows::RowPrinter;
use super::tables::{ask, has_table, manifest, open_lake};
use crate::error::{Error, Result};
use crate::lake::{Lake, Manifest};
use crate::pipeline::Layer;
use crate::run::Setup;

/// The statements of a study, one row each; T10 behind T9.
const QUERY: &str = "select * from out.findings order by substr(finding, 1, 1), \
                     try_cast(substr(finding, 2) as int), 1, 2, 3, 4";

/// What is printed of a statement, where the study has it: which it is, the
/// value with its bounds and whether its base is large enough, what it is of, what
/// the letter says, and the base.
const SHOWN: [&str; 13] = [
    "finding",
    "reading",
    "sector_group",
    "year",
    "value",
    "value_low",
    "value_high",
    "is_reliable",
    "detail",
    "letter_value",
    "numerator",
    "denominator",
    "denominator_label",
];

pub(super) async fn findings(setup: &Setup, arguments: &Form) -> Result<u8> {
    let lake = open_lake(setup)?;
    let manifest = manifest(&lake, None)?;
    if !has_table(&manifest, Layer::Out, "findings") {
        let message = format!("the study {} has no table out.findings", setup.study.name);
        return Err(Error::usage(message));
    }
    if arguments.json {
        let mut printer = RowPrinter::new(TableForm::Json);
        ask(setup, &lake, &manifest, QUERY, |rows| printer.print(rows)).await?;
        printer.finish()?;
    } else {
        print_findings(setup, &lake, &manifest).await?;
    }
    Ok(0)
}

/// Prints the statements as a table for people.
///
/// # Errors
/// Of the engine and of stdout.
pub(super) async fn print_findings(setup: &Setup, lake: &Lake, manifest: &Manifest) -> Result<()> {
    let mut printer = RowPrinter::new(TableForm::Table);
    ask(setup, lake, manifest, QUERY, |rows| printer.print(&shown(rows)?)).await?;
    printer.finish()
}

fn shown(rows: &RecordBatch) -> Result<RecordBatch> {
    let schema = rows.schema();
    let columns: Vec<usize> = SHOWN.iter().filter_map(|name| schema.index_of(name).ok()).collect();
    if columns.is_empty() {
        return Ok(rows.clone());
    }
    rows.project(&columns).map_err(|error| Error::internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::files::DefinitionFiles;
    use crate::pipeline::study_reader::read_study;

    #[test]
    fn every_column_that_is_printed_is_one_that_the_study_publishes() {
        let files = DefinitionFiles::find("techniek", std::path::Path::new("/nowhere")).unwrap();
        let study = read_study(&files).unwrap_or_else(|error| panic!("{error}"));
        let table = &study.published["findings"];
        let columns = [&table.dimensions, &table.measures, &table.attributes];
        for shown in SHOWN {
            let is_published = columns.iter().any(|names| names.iter().any(|name| name == shown));
            assert!(is_published, "{shown}");
        }
    }
}
