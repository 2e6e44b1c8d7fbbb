//! Who may publish: the one place that says whether tables may leave without
//! disclosure control.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::lake::Audit;
use crate::pipeline::Study;
use crate::pipeline::study::Disclosure;

/// Proof that the tables of a study may leave as they are. There is no other
/// way to it than [`Clearance::of`] and [`Clearance::by`], and no
/// release without it.
#[derive(Debug)]
pub struct Clearance {
    is_protected: bool,
}

impl Clearance {
    /// Gives clearance to a study of public or invented data.
    ///
    /// # Errors
    /// [`Error::Protection`] for a study that needs disclosure control.
    pub fn of(study: &Study) -> Result<Self> {
        match study.disclosure {
            Disclosure::Public | Disclosure::Synthetic => Ok(Clearance { is_protected: false }),
            Disclosure::Protected => Err(refusal(&study.name)),
        }
    }

    /// Gives clearance to tables that have an audit: an attack has been over them
    /// and found nothing.
    pub fn by(_audit: &Audit) -> Self {
        Clearance { is_protected: true }
    }

    /// Holds a description against the clearance, as the second guard: it says
    /// of itself that its data are public or invented, or protected where they
    /// are.
    ///
    /// # Errors
    /// [`Error::Protection`] for any other.
    pub(super) fn covers(&self, release_json: &Value) -> Result<()> {
        let disclosure = release_json.get("disclosure").and_then(Value::as_str);
        let free = [Disclosure::Public, Disclosure::Synthetic].map(Disclosure::as_str);
        let is_free = disclosure.is_some_and(|disclosure| free.contains(&disclosure));
        let is_protected = disclosure == Some(Disclosure::Protected.as_str());
        if is_free || (is_protected && self.is_protected) {
            return Ok(());
        }
        Err(refusal(release_json.get("study").and_then(Value::as_str).unwrap_or("of this release")))
    }

    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Clearance { is_protected: false }
    }
}

fn refusal(study: &str) -> Error {
    Error::Protection {
        message: format!(
            "the study {study} is protected, and its tables did not go through disclosure control"
        ),
        hint: Some("the tables are current in the lake; nothing was published".to_owned()),
    }
}
