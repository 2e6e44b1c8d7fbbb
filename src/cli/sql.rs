//! `honkvast sql`.

use super::output::print_rows;
use super::reading::{SqlArguments, TableForm};
use super::tables::{ask, manifest, open_lake};
use crate::error::Result;
use crate::run::Setup;

pub(super) async fn sql(setup: &Setup, arguments: &SqlArguments) -> Result<u8> {
    let lake = open_lake(setup)?;
    let manifest = manifest(&lake, arguments.run.as_deref())?;
    let rows = ask(setup, &lake, &manifest, &arguments.query).await?;
    let form = if arguments.json { TableForm::Json } else { arguments.format };
    print_rows(&rows, form)?;
    Ok(0)
}
