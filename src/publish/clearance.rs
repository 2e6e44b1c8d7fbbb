//! Who may publish: the one place that says whether tables may leave without
//! disclosure control.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::pipeline::Study;
use crate::pipeline::study::Disclosure;

/// Proof that the tables of a study may leave as they are. There is no other
/// way to it than [`Clearance::of`], and no release without it.
#[derive(Debug)]
pub struct Clearance(());

impl Clearance {
    /// Gives clearance to a study of public or invented data.
    ///
    /// # Errors
    /// [`Error::Protection`] for a study that needs disclosure control.
    pub fn of(study: &Study) -> Result<Self> {
        match study.disclosure {
            Disclosure::Public | Disclosure::Synthetic => Ok(Clearance(())),
            Disclosure::Protected => Err(refusal(&study.name)),
        }
    }

    /// Holds a description against the clearance, as the second guard: it says
    /// of itself that its data are public or invented.
    ///
    /// # Errors
    /// [`Error::Protection`] for any other.
    pub(super) fn covers(&self, release_json: &Value) -> Result<()> {
        let disclosure = release_json.get("disclosure").and_then(Value::as_str);
        let free = [Disclosure::Public, Disclosure::Synthetic].map(Disclosure::as_str);
        if disclosure.is_some_and(|disclosure| free.contains(&disclosure)) {
            return Ok(());
        }
        Err(refusal(release_json.get("study").and_then(Value::as_str).unwrap_or("of this release")))
    }

    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Clearance(())
    }
}

fn refusal(study: &str) -> Error {
    Error::Protection {
        message: format!(
            "the study {study} is protected, and disclosure control does not stand yet"
        ),
        hint: Some("the tables are current in the lake; nothing was published".to_owned()),
    }
}
