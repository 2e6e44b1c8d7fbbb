//! `honkvast findings`.

use super::arguments::{Form, TableForm};
use super::output::print_rows;
use super::tables::{ask, has_table, manifest, open_lake};
use crate::error::{Error, Result};
use crate::pipeline::Layer;
use crate::run::Setup;

/// The statements of a study, one row each.
const QUERY: &str = "select * from out.findings order by 1, 2";

pub(super) async fn findings(setup: &Setup, arguments: &Form) -> Result<u8> {
    let lake = open_lake(setup)?;
    let manifest = manifest(&lake, None)?;
    if !has_table(&manifest, Layer::Out, "findings") {
        let message = format!("the study {} has no table out.findings", setup.study.name);
        return Err(Error::usage(message));
    }
    let rows = ask(setup, &lake, &manifest, QUERY).await?;
    print_rows(&rows, if arguments.json { TableForm::Json } else { TableForm::Table })?;
    Ok(0)
}
