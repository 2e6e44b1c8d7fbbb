//! `honkvast validate`.

use serde_json::json;

use super::arguments::Form;
use super::output::{print, print_json};
use crate::error::Result;
use crate::run::{Setup, check_study};

pub(super) async fn validate(setup: &Setup, arguments: &Form) -> Result<u8> {
    let study = &setup.study;
    check_study(&setup.study, setup.memory).await?;
    let parts = [
        ("sources", study.sources.len()),
        ("code_lists", study.codelists.len()),
        ("models", study.models.len()),
        ("checks", study.checks.len()),
        ("published_tables", study.published.len()),
    ];
    if arguments.json {
        let mut counts = json!({"study": study.name, "is_valid": true});
        for (name, count) in parts {
            counts[name] = json!(count);
        }
        print_json(&counts)?;
    } else {
        let counts = parts.map(|(name, count)| format!("{count} {}", name.replace('_', " ")));
        print(&format!("{}: {}; no mistake found\n", study.name, counts.join(", ")))?;
    }
    Ok(0)
}
