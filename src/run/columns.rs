//! Columns of a study's tables, which are known once all its queries were
//! planned.

use tokio::sync::OnceCell;

use super::setup::Setup;
use super::telling::BUILD;
use crate::error::Result;
use crate::ingest;
use crate::lake::Lake;
use crate::pipeline::{Layer, Study, TableName};
use crate::session::Engine;
use crate::transform::schemas::{Schemas, checked_schemas, schemas};

/// Columns of every table of a definition that holds, planned when they are
/// first asked for.
pub struct Columns(OnceCell<Schemas>);

impl Columns {
    /// Plans all queries of a definition, to see that it holds. What the lake's
    /// newest run planned, from the same files and by the same build, is left
    /// until somebody asks: a run without work does not.
    ///
    /// # Errors
    /// [`Error::Definition`](crate::Error::Definition) for SQL or declarations
    /// that do not fit.
    pub async fn of(setup: &Setup, lake: Option<&Lake>) -> Result<Self> {
        let is_planned = |lake: &Lake| lake.has_planned(&setup.definition.hash, BUILD);
        if lake.is_some_and(is_planned) {
            tracing::debug!("the definition is as the run before planned it");
            return Ok(Columns(OnceCell::new()));
        }
        Ok(Columns(OnceCell::new_with(Some(check_study(&setup.study, setup.memory).await?))))
    }

    /// The columns, by table.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub async fn by_table(&self, setup: &Setup) -> Result<&Schemas> {
        let plan = || async {
            let engine = Engine::new(1, setup.memory, None)?;
            schemas(&engine, &setup.study, raw_schemas(&setup.study)?).await
        };
        self.0.get_or_try_init(plan).await
    }
}

/// The columns of every table of a study, which is checked by it, under a
/// memory limit in bytes.
///
/// # Errors
/// [`Error::Definition`](crate::Error::Definition) for SQL or declarations that
/// do not fit.
pub async fn check_study(study: &Study, memory: u64) -> Result<Schemas> {
    let engine = Engine::new(1, memory, None)?;
    checked_schemas(&engine, study, raw_schemas(study)?).await
}

fn raw_schemas(study: &Study) -> Result<Schemas> {
    let mut raw = Schemas::new();
    for (name, source) in &study.sources {
        raw.insert(TableName::new(Layer::Raw, name.clone()), ingest::raw_schema(&source.codebook));
    }
    for (name, text) in &study.codelists {
        let list = ingest::codelist::read_codelist(text)?;
        raw.insert(TableName::new(Layer::Raw, name.clone()), list.schema());
    }
    Ok(raw)
}
