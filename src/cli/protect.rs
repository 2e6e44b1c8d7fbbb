//! `honkvast protect`.

use serde_json::json;

use super::output::{aligned, print, print_json};
use super::reading::ProtectArguments;
use super::tables::open_lake;
use crate::error::{Error, Result};
use crate::lake::{Audit, AuditCell};
use crate::run::{ProtectionState, Setup, protection_state};

pub(super) fn protect(setup: &Setup, arguments: &ProtectArguments) -> Result<u8> {
    let lake = open_lake(setup)?;
    let current = lake.current()?;
    let audit = match protection_state(setup, Some(&lake), current.as_ref())? {
        ProtectionState::Stands(audit) => audit,
        ProtectionState::NotAsked => {
            let why = format!(
                "the data of {} are {}: nothing needs protection",
                setup.study.name,
                setup.study.disclosure.as_str()
            );
            return Err(Error::usage(why));
        }
        ProtectionState::Due(why) => {
            let error = Error::usage(format!("what is current has no audit: {why}"));
            return Err(error.with_hint("`honkvast run protect` makes it"));
        }
    };
    match &arguments.explain {
        None => summary(&audit, arguments.json),
        Some(table) => explain(&audit, setup, table, arguments.json),
    }?;
    Ok(0)
}

fn summary(audit: &Audit, as_json: bool) -> Result<()> {
    if as_json {
        return print_json(&json!({
            "key": audit.key,
            "shown": audit.shown,
            "suppressed": audit.suppressed,
            "narrowest": audit.narrowest,
        }));
    }
    let narrowest = audit.narrowest.map_or_else(|| "none".to_owned(), |it| it.to_string());
    print(&format!(
        "{} counts are shown, {} are not; narrowest interval {narrowest}\n",
        audit.shown, audit.suppressed
    ))
}

fn explain(audit: &Audit, setup: &Setup, table: &str, as_json: bool) -> Result<()> {
    let table = table.strip_prefix("out.").unwrap_or(table);
    let published = setup.study.published.get(table).ok_or_else(|| {
        Error::usage(format!("the study publishes no table `{table}`"))
            .with_hint("`honkvast protect --explain TABLE`, of a table under [publish]")
    })?;
    let cells: Vec<&AuditCell> = audit.cells.iter().filter(|cell| cell.table == table).collect();
    if as_json {
        return print_json(&json!(cells));
    }
    let mut header = published.dimensions.clone();
    header.extend(["measure", "rule", "interval", "with"].map(str::to_owned));
    let mut rows = vec![header];
    for cell in cells {
        let code = |name: &String| cell.codes.get(name).cloned().flatten().unwrap_or_default();
        let mut row: Vec<String> = published.dimensions.iter().map(code).collect();
        row.push(cell.measure.clone());
        row.push(cell.rule.clone().unwrap_or_else(|| "hides others".to_owned()));
        row.push(cell.interval.map_or_else(String::new, |[low, high]| format!("{low}..{high}")));
        row.push(cell.with.join("; "));
        rows.push(row);
    }
    print(&aligned(&rows))
}
