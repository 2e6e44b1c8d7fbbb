//! `honkvast sql`.

use super::reading::{SqlArguments, TableForm};
use super::rows::RowPrinter;
use super::tables::{ask, manifest, open_lake};
use crate::error::Result;
use crate::run::Setup;

pub(super) async fn sql(setup: &Setup, arguments: &SqlArguments) -> Result<u8> {
    let lake = open_lake(setup)?;
    let manifest = manifest(&lake, arguments.run.as_deref())?;
    let form = if arguments.json { TableForm::Json } else { arguments.format };
    let mut printer = RowPrinter::new(form);
    ask(setup, &lake, &manifest, &arguments.query, |rows| printer.print(rows)).await?;
    printer.finish()?;
    Ok(0)
}
