//! Reads a study with its codebooks, code lists and SQL and checks it as a
//! whole. What needs the columns of tables is left to `session::schemas`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::codebook::Codebook;
use super::codebook_reader::{optional, read_share_ppm, read_vintages};
use super::drift::DriftPolicy;
use super::file_pattern::{FilePattern, SourceFiles};
use super::files::DefinitionFiles;
use super::names::is_identifier;
use super::parameters::{Parameter, read_parameter};
use super::protection::refuse_undeclared;
use super::protection_reader::read_thresholds;
use super::published::{Published, read_published};
use super::report::Report;
use super::report_reader::read_report;
use super::study::{Disclosure, Source, Study, StudyYears};
use super::toml_reader::{At, DefinitionText, Table, Value};
use super::years::YearRange;
use crate::error::{Error, Result};

/// Reads the study that `files` found.
///
/// # Errors
/// [`Error::Definition`] for the first mistake, with file and line.
pub fn read_study(files: &DefinitionFiles) -> Result<Study> {
    let name = format!("{}.toml", files.study());
    let text = files.pipelines_file(&name)?;
    let text = text.ok_or_else(|| Error::usage(format!("there is no file pipelines/{name}")))?;
    text.read_toml(|top| read_top(top, files))
}

fn read_top(top: &Table<'_>, files: &DefinitionFiles) -> Result<Study> {
    let name = top.need("name")?;
    if name.text()? != files.study() {
        return Err(name.mistake(format!("must be `{}`, as its file is named", files.study())));
    }
    let mut study = Study {
        name: name.text()?.to_owned(),
        title: top.need("title")?.text()?.to_owned(),
        years: read_years(&top.need("years")?)?,
        disclosure: read_disclosure(&top.need("disclosure")?)?,
        raw: optional(top, "raw", |value| Ok(value.text()?.to_owned()))?
            .and_then(|raw| files.pipelines_folder().map(|folder| folder.join(raw))),
        parameters: optional(top, "parameters", read_parameters)?.unwrap_or_default(),
        sources: read_sources(&top.need("sources")?, files)?,
        codelists: optional(top, "codelists", |value| read_codelists(value, files))?
            .unwrap_or_default(),
        models: BTreeMap::new(),
        model_order: Vec::new(),
        checks: BTreeMap::new(),
        thresholds: optional(top, "protection", read_thresholds)?.unwrap_or_default(),
        published: BTreeMap::new(),
        report: Report::default(),
        warnings: Vec::new(),
        range_parameters: BTreeSet::new(),
    };
    refuse_endless_years(&study, top)?;
    if let Some(twice) = study.codelists.keys().find(|name| study.sources.contains_key(*name)) {
        return Err(top.mistake(format!("`{twice}` is both a source and a code list")));
    }
    let settings = top.get("models");
    super::models::read_models(&mut study, files, settings.as_ref(), top.source())?;
    if let Some(published) = top.get("publish") {
        study.published = read_publish(&published, files, &study)?;
    }
    if study.disclosure == Disclosure::Protected {
        refuse_undeclared(&study.published)?;
    }
    if let Some(report) = top.get("report") {
        study.report = read_report(&report, files, &study)?;
    }
    refuse_unused_parameters(&study, top.source())?;
    Ok(study)
}

/// An open range ends with the files of the sources that have years.
fn refuse_endless_years(study: &Study, top: &Table<'_>) -> Result<()> {
    let has_years = study.sources.values().any(|source| source.files.has_year());
    match study.years {
        StudyYears::From(first) if !has_years => {
            let mistake = top.need("years")?.mistake("is open, and no source has a file a year");
            let hint = "name the last year, or a source whose `files` have `{year}`";
            Err(mistake.with_hint(format!("{hint}; as years = \"{first}..{}\"", first + 1)))
        }
        _ => Ok(()),
    }
}

fn read_years(value: &Value<'_>) -> Result<StudyYears> {
    if let Ok(array) = value.array() {
        let year = |item: Value<'_>| -> Result<i32> {
            let year = i32::try_from(item.integer()?).ok();
            year.filter(|year| (1000..=9999).contains(year))
                .ok_or_else(|| item.mistake("must be a year of four digits"))
        };
        let listed: BTreeSet<i32> = array.into_iter().map(year).collect::<Result<_>>()?;
        if listed.is_empty() {
            return Err(value.mistake("names no year"));
        }
        return Ok(StudyYears::Listed(listed));
    }
    match value.parse(str::parse::<YearRange>)? {
        YearRange { first: Some(first), last: Some(last) } => {
            Ok(StudyYears::Listed((first..=last).collect()))
        }
        YearRange { first: Some(first), last: None } => Ok(StudyYears::From(first)),
        YearRange { first: None, .. } => Err(value.mistake("needs a first year, as \"2016..\"")),
    }
}

fn read_disclosure(value: &Value<'_>) -> Result<Disclosure> {
    value.parse(|text| match text {
        "public" => Ok(Disclosure::Public),
        "synthetic" => Ok(Disclosure::Synthetic),
        "protected" => Ok(Disclosure::Protected),
        _ => Err("must be \"public\", \"synthetic\" or \"protected\"".to_owned()),
    })
}

fn read_parameters(value: &Value<'_>) -> Result<BTreeMap<String, Parameter>> {
    let mut parameters = BTreeMap::new();
    for (name, value) in value.entries()? {
        refuse_bad_name(&name, value.source())?;
        if name.value == "year" {
            let mistake =
                value.source().mistake(name.offset, "`year` is the slice's own parameter");
            return Err(mistake);
        }
        parameters.insert(name.value.clone(), read_parameter(&name, &value)?);
    }
    Ok(parameters)
}

fn refuse_bad_name(name: &At<String>, source: &DefinitionText) -> Result<()> {
    if is_identifier(&name.value) {
        return Ok(());
    }
    let message = format!("`{}` must be lower-case letters, digits and underscores", name.value);
    Err(source.mistake(name.offset, message))
}

const DEFAULT_VOLUME_GUARD_PPM: u32 = 100_000;

fn read_sources(value: &Value<'_>, files: &DefinitionFiles) -> Result<BTreeMap<String, Source>> {
    let mut sources = BTreeMap::new();
    for (name, value) in value.entries()? {
        refuse_bad_name(&name, value.source())?;
        let source = value.table(|table| {
            Ok(Source {
                codebook: Codebook::read(&file_named(&table.need("codebook")?, files)?)?,
                files: read_files(&table.need("files")?)?,
                takes_provisional: optional(table, "provisional", |value| value.boolean())?
                    .unwrap_or(false),
                drift: optional(table, "drift", read_drift)?.unwrap_or_default(),
                volume_guard_ppm: optional(table, "volume_guard", read_share_ppm)?
                    .unwrap_or(DEFAULT_VOLUME_GUARD_PPM),
                settle: optional(table, "settle", |value| value.parse(duration))?
                    .unwrap_or_default(),
            })
        })?;
        sources.insert(name.value, source);
    }
    Ok(sources)
}

fn read_files(value: &Value<'_>) -> Result<SourceFiles> {
    let vintages = read_vintages(value, |value| value.parse(FilePattern::parse))?;
    SourceFiles::new(vintages).map_err(|message| value.mistake(message))
}

fn read_drift(value: &Value<'_>) -> Result<DriftPolicy> {
    value.parse(|text| match text {
        "freeze" => Ok(DriftPolicy::Freeze),
        "follow" => Ok(DriftPolicy::Follow),
        _ => Err("must be \"freeze\" or \"follow\"".to_owned()),
    })
}

/// Reads a time span: `30s`, `10m`, `1h 30m`; a bare number is seconds.
///
/// # Errors
/// A message for people where the text is none.
pub fn duration(text: &str) -> std::result::Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    let span = text.parse::<jiff::SignedDuration>().ok();
    let span = span.and_then(|span| Duration::try_from(span).ok());
    span.ok_or_else(|| "must be a time as 30s, 10m or 2h".to_owned())
}

fn read_codelists(
    value: &Value<'_>,
    files: &DefinitionFiles,
) -> Result<BTreeMap<String, DefinitionText>> {
    let mut codelists = BTreeMap::new();
    for (name, file) in value.entries()? {
        refuse_bad_name(&name, value.source())?;
        codelists.insert(name.value, file_named(&file, files)?);
    }
    Ok(codelists)
}

/// Tables to publish, in the study or in files of their own.
fn read_publish(
    value: &Value<'_>,
    files: &DefinitionFiles,
    study: &Study,
) -> Result<BTreeMap<String, Published>> {
    if value.get().is_table() {
        return read_published(value, study);
    }
    let named = if value.get().is_array() { value.array()? } else { vec![value.clone()] };
    let mut published = BTreeMap::new();
    for value in named {
        let text = file_named(&value, files)?;
        let tables = text.read_toml(|top| read_published(&top.need("publish")?, study))?;
        if let Some(table) = tables.keys().find(|table| published.contains_key(*table)) {
            return Err(value.mistake(format!("another file declares the table `{table}` too")));
        }
        published.extend(tables);
    }
    Ok(published)
}

/// The file below `pipelines/` that a value names.
pub(super) fn file_named(value: &Value<'_>, files: &DefinitionFiles) -> Result<DefinitionText> {
    let name = value.text()?;
    let text = files.pipelines_file(name)?;
    text.ok_or_else(|| value.mistake(format!("there is no file pipelines/{name}")))
}

fn refuse_unused_parameters(study: &Study, source: &DefinitionText) -> Result<()> {
    let mut used: BTreeSet<&str> = BTreeSet::new();
    let queries = study.models.values().map(|model| &model.query);
    for query in queries.chain(study.checks.values().map(|check| &check.query)) {
        used.extend(query.parameters.iter().map(String::as_str));
    }
    used.extend(study.range_parameters.iter().map(String::as_str));
    let unused = study.parameters.iter().filter(|(name, _)| !used.contains(name.as_str()));
    match unused.min_by_key(|(_, parameter)| parameter.offset) {
        None => Ok(()),
        Some((name, parameter)) => Err(source
            .mistake(parameter.offset, format!("no SQL uses the parameter `{name}`"))
            .with_hint("remove it, or write it in SQL as $name")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, seconds) in [("10m", 600), ("30", 30), ("1h 30m", 5400), ("2 minutes", 120)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["10x", "m", "", "-5", "-2m", "two minutes", "1d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
