//! `honkvast validate`.

use super::output::print;
use crate::error::Result;
use crate::run::{Setup, study_schemas};
use crate::session::Engine;

pub(super) async fn validate(setup: &Setup) -> Result<u8> {
    let study = &setup.study;
    study_schemas(study, &Engine::new(1, setup.memory, None)?).await?;
    print(&format!(
        "{}: {} sources, {} code lists, {} models, {} checks, {} published tables; no mistake found\n",
        study.name,
        study.sources.len(),
        study.codelists.len(),
        study.models.len(),
        study.checks.len(),
        study.published.len(),
    ))?;
    Ok(0)
}
