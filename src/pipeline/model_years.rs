//! Holds the years that a model's SQL asks for against the years that it is
//! shown: a year that nobody shows would be empty, and everybody in it gone.

use std::collections::BTreeMap;

use super::names::TableName;
use super::query::Query;
use super::study::{Model, Study, StudyYears, YearReference};
use super::year_offsets::{YearOffset, year_offsets};
use crate::error::{Place, Result};

/// Refuses an offset of `$year` for which the model reads no slice; `allowed`
/// are those that the study says ask for none.
///
/// # Errors
/// [`crate::Error::Definition`] at the first such offset in the SQL.
pub(super) fn check_offsets(study: &Study, model: &Model, allowed: &[i32]) -> Result<()> {
    for offset in year_offsets(model.query.statement(), &study.parameters) {
        let is_shown =
            |years: &i32| allowed.contains(years) || shows(study, model, &offset, *years);
        if offset.years.iter().any(is_shown) {
            continue;
        }
        let Some(years) = offset.years.first() else { continue };
        let upstream = offset.tables.iter().chain(&model.query.tables).next();
        let upstream = upstream.map(ToString::to_string).unwrap_or_default();
        let message = format!(
            "asks for `$year{years:+}`, and `{}` reads no such year: it would be empty, and \
             everybody in it gone",
            model.table
        );
        let hint = format!(
            "give [models.\"{table}\"] `reads = {{ \"{upstream}\" = [\"year\", \
             \"year{years:+}\"] }}`; or, where no slice of another year is meant, \
             `year_offsets = [{years}]`",
            table = model.table
        );
        return Err(model.query.mistake_at_location(offset.location, message).with_hint(hint));
    }
    Ok(())
}

/// Says whether the model reads the year of an offset: of a table that the
/// query names beside it, where it names any, else of any that the model reads.
fn shows(study: &Study, model: &Model, offset: &YearOffset, years: i32) -> bool {
    let beside: Vec<&TableName> = offset
        .tables
        .iter()
        .filter(|table| study.is_yearly(table) || model.reads.contains_key(table))
        .collect();
    let shows = |references: &Vec<YearReference>| {
        references.iter().any(|reference| match reference {
            YearReference::Offset(offset) => *offset == years,
            YearReference::All | YearReference::Range(_) => true,
        })
    };
    if beside.is_empty() {
        return model.reads.values().any(shows);
    }
    beside.into_iter().filter_map(|table| model.reads.get(table)).any(shows)
}

/// What a model reads by offset among other years of the same table, while no
/// comparison of its SQL tells them apart.
pub(super) fn undivided_years(study: &Study, model: &Model) -> Vec<String> {
    let compared: Vec<i32> = year_offsets(model.query.statement(), &study.parameters)
        .into_iter()
        .flat_map(|offset| offset.years)
        .collect();
    let mut warnings = Vec::new();
    for (upstream, references) in model.reads.iter().filter(|(_, years)| years.len() > 1) {
        for reference in references {
            if let YearReference::Offset(years) = reference
                && *years != 0
                && !compared.contains(years)
            {
                warnings.push(format!(
                    "{}: reads `year{years:+}` of {upstream} beside other years, and compares \
                     nothing with `$year {} {}`",
                    model.query.file(),
                    if *years < 0 { '-' } else { '+' },
                    years.abs()
                ));
            }
        }
    }
    warnings
}

/// Refuses a yearly model that has no slice in any of the declared years.
///
/// # Errors
/// [`crate::Error::Definition`] at the model's `reads`.
pub(super) fn check_slices(study: &Study, places: &BTreeMap<TableName, Place>) -> Result<()> {
    let StudyYears::Listed(years) = &study.years else { return Ok(()) };
    let slices = study.slices(years);
    for table in &study.model_order {
        if slices.iter().any(|slice| slice.table == *table) {
            continue;
        }
        let Some(Model { query, .. }) = study.models.get(table) else { continue };
        let message = format!("no year of the study has every year that `{table}` reads beside it");
        let place = places.get(table).cloned().unwrap_or_else(|| Query::place_of(query, ""));
        let hint = "widen `years`, or read offsets that two of them are apart".to_owned();
        return Err(crate::Error::Definition { place, message, hint: Some(hint) });
    }
    Ok(())
}
