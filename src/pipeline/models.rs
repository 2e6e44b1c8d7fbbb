//! Reads the models and checks of a study from its SQL and puts them into an
//! order; refuses what reads a later layer, what nobody makes, and cycles.

use std::collections::{BTreeMap, BTreeSet};

use super::codebook_reader::optional;
use super::files::DefinitionFiles;
use super::model_years::{check_offsets, check_slices, undivided_years};
use super::names::{Layer, TableName, is_identifier, suggestion};
use super::query::Query;
use super::study::{Check, CheckLevel, Model, Study, YearReference};
use super::toml_reader::{DefinitionText, Table, Value};
use super::years::YearRange;
use crate::error::{Error, Place, Result};

/// Fills in the models, their order and the checks of a study.
///
/// # Errors
/// [`Error::Definition`] for the first mistake, with file and line.
pub(crate) fn read_models(
    study: &mut Study,
    files: &DefinitionFiles,
    settings: Option<&Value<'_>>,
    study_file: &DefinitionText,
) -> Result<()> {
    read_sql_files(study, files)?;
    let settings = settings.map(Value::entries).transpose()?.unwrap_or_default();
    let mut slicing = BTreeMap::new();
    for (name, value) in &settings {
        let table = known_model(study, &name.value)
            .map_err(|message| study_file.mistake(name.offset, message))?;
        slicing.insert(table, value);
    }
    // Slicing first: which tables have years decides what `reads` may say.
    for (table, value) in &slicing {
        let is_yearly = match value.entries()?.iter().find(|(key, _)| key.value == "slices") {
            Some((_, slices)) => read_slicing(slices)?,
            None => true,
        };
        if let Some(model) = study.models.get_mut(table) {
            model.is_yearly = is_yearly;
        }
    }
    check_queries(study)?;
    let tables: Vec<TableName> = study.models.keys().cloned().collect();
    let mut places = BTreeMap::new();
    for table in tables {
        let settings = match slicing.get(&table) {
            Some(value) => read_settings(study, &table, value)?,
            None => return Err(without_key(&table, study_file.mistake(0, ""))),
        };
        places.extend(settings.reads_place.map(|place| (table.clone(), place)));
        let reads = with_default_reads(study, &table, settings.reads);
        if let Some(model) = study.models.get_mut(&table) {
            model.key = settings.key;
            model.prefers_merge_join = settings.prefers_merge_join;
            model.may_be_empty = settings.may_be_empty;
            model.reads = reads;
        }
        if let Some(model) = study.models.get(&table).filter(|model| model.is_yearly) {
            check_offsets(study, model, &settings.year_offsets)?;
            let warnings = undivided_years(study, model);
            study.warnings.extend(warnings);
        }
    }
    study.model_order = order(study)?;
    check_slices(study, &places)
}

fn read_sql_files(study: &mut Study, files: &DefinitionFiles) -> Result<()> {
    for file in files.sql_files()? {
        let Some(text) = files.sql_file(&file)? else { continue };
        let start = text.clone();
        let name = file.strip_suffix(".sql").and_then(|name| name.split_once('/'));
        match name {
            Some(("checks", name)) if is_identifier(name) => {
                let check = read_check(name, text)?;
                study.checks.insert(name.to_owned(), check);
            }
            Some((layer @ ("staging" | "core" | "out"), name)) if is_identifier(name) => {
                let layer = layer.parse().unwrap_or(Layer::Core);
                let table = TableName::new(layer, name);
                let query = Query::read(text)?;
                let model = Model {
                    table: table.clone(),
                    query,
                    is_yearly: true,
                    key: Vec::new(),
                    prefers_merge_join: false,
                    may_be_empty: false,
                    reads: BTreeMap::new(),
                };
                study.models.insert(table, model);
            }
            _ => {
                let mistake = start.mistake(0, "has no place in a study's SQL");
                return Err(mistake.with_hint(
                    "models are staging/, core/ or out/<table>.sql, checks are checks/<sentence>.sql",
                ));
            }
        }
    }
    Ok(())
}

fn read_check(name: &str, text: DefinitionText) -> Result<Check> {
    let first = text.text.lines().next().unwrap_or_default();
    let (level, sentence) = match first.strip_prefix("-- ").and_then(|line| line.split_once(": ")) {
        Some(("stop", sentence)) => (CheckLevel::Stop, sentence),
        Some(("warn", sentence)) => (CheckLevel::Warn, sentence),
        _ => {
            let mistake = text.mistake(0, "its first line must say what it does");
            return Err(mistake.with_hint("`-- stop: <sentence>` or `-- warn: <sentence>`"));
        }
    };
    let sentence = sentence.trim().to_owned();
    Ok(Check { name: name.to_owned(), sentence, level, query: Query::read(text)? })
}

fn known_model(study: &Study, name: &str) -> Result<TableName, String> {
    let table = name.parse::<TableName>().ok().filter(|table| study.models.contains_key(table));
    table.ok_or_else(|| {
        let names: Vec<String> = study.models.keys().map(ToString::to_string).collect();
        let near = suggestion(name, names.iter().map(String::as_str));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        format!("no SQL file makes the table `{name}`{near}")
    })
}

fn read_slicing(value: &Value<'_>) -> Result<bool> {
    value.parse(|text| match text {
        "year" => Ok(true),
        "whole" => Ok(false),
        _ => Err("must be \"year\" or \"whole\"".to_owned()),
    })
}

fn without_key(table: &TableName, mistake: Error) -> Error {
    let Error::Definition { place, .. } = mistake else { return mistake };
    let message = format!("the model `{table}` declares no key");
    let hint = format!("add [models.\"{table}\"] with key = [columns that make a row unique]");
    Error::Definition { place, message, hint: Some(hint) }
}

type Reads = BTreeMap<TableName, Vec<YearReference>>;

/// What a study's file says of one model, beyond its slicing.
struct Settings {
    key: Vec<String>,
    prefers_merge_join: bool,
    may_be_empty: bool,
    reads: Reads,
    reads_place: Option<Place>,
    /// Offsets of `$year` that ask for no slice of another year.
    year_offsets: Vec<i32>,
}

fn read_settings(study: &mut Study, table: &TableName, value: &Value<'_>) -> Result<Settings> {
    value.table(|settings| {
        // Read before, since it decides what `reads` may say.
        let _ = settings.get("slices");
        let key = match settings.get("key") {
            Some(key) => match key.texts()? {
                columns if columns.is_empty() => return Err(key.mistake("names no column")),
                columns => columns,
            },
            None => return Err(without_key(table, settings.mistake(""))),
        };
        let join = optional(settings, "join", |value| {
            value.parse(|text| match text {
                "merge" => Ok(true),
                "hash" => Ok(false),
                _ => Err("must be \"merge\" or \"hash\"".to_owned()),
            })
        })?;
        let mut reads = BTreeMap::new();
        let reads_value = settings.get("reads");
        let entries = reads_value.as_ref().map(|value| value.entries()).transpose()?;
        for (upstream, years) in entries.unwrap_or_default() {
            let mistake = |message| settings.source().mistake(upstream.offset, message);
            let known = read_table(study, table, &upstream.value).map_err(mistake)?;
            let is_yearly = study.is_yearly(table);
            let references = read_years_seen(study, &years, is_yearly)?;
            let is_offset = |reference| matches!(reference, &YearReference::Offset(_));
            if !study.is_yearly(&known) && !references.iter().all(is_offset) {
                return Err(years.mistake(format!("`{known}` has no years")).with_hint(
                    "of a whole table only offsets can be named, as \"year+1\": for which years \
                     there is a slice",
                ));
            }
            reads.insert(known, references);
        }
        Ok(Settings {
            key: key.into_iter().map(|column| column.value).collect(),
            prefers_merge_join: join.unwrap_or(false),
            may_be_empty: read_may_be_empty(settings, study.is_yearly(table))?,
            reads_place: reads_value.map(|value| value.source().place(value.offset())),
            year_offsets: optional(settings, "year_offsets", read_year_offsets)?
                .unwrap_or_default(),
            reads,
        })
    })
}

fn read_may_be_empty(settings: &Table<'_>, is_yearly: bool) -> Result<bool> {
    let Some(value) = settings.get("may_be_empty") else { return Ok(false) };
    if !is_yearly {
        return Err(value.mistake("is for models with a slice a year; a whole table may be empty"));
    }
    value.boolean()
}

fn read_year_offsets(value: &Value<'_>) -> Result<Vec<i32>> {
    let offset = |item: Value<'_>| -> Result<i32> {
        i32::try_from(item.integer()?).map_err(|_| item.mistake("must be a number of years"))
    };
    value.array()?.into_iter().map(offset).collect()
}

/// A table that the model's SQL reads.
fn read_table(study: &Study, model: &TableName, name: &str) -> Result<TableName, String> {
    let is_read = |table: &TableName| {
        study.models.get(model).is_some_and(|model| model.query.tables.contains(table))
    };
    let table = name.parse::<TableName>().ok().filter(is_read);
    table.ok_or_else(|| format!("the SQL of `{model}` does not read `{name}`"))
}

fn read_years_seen(
    study: &mut Study,
    value: &Value<'_>,
    is_yearly: bool,
) -> Result<Vec<YearReference>> {
    let items = if value.get().is_array() { value.array()? } else { vec![value.clone()] };
    let mut references = Vec::new();
    for item in items {
        let text = item.text()?;
        let reference = year_reference(study, text).map_err(|message| item.mistake(message))?;
        if matches!(reference, YearReference::Offset(_)) && !is_yearly {
            return Err(
                item.mistake("a whole table has no year of its own; name a range or \"all\"")
            );
        }
        references.push(reference);
    }
    Ok(references)
}

fn year_reference(study: &mut Study, text: &str) -> Result<YearReference, String> {
    if text == "all" {
        return Ok(YearReference::All);
    }
    if let Some(offset) = text.strip_prefix("year") {
        if offset.is_empty() {
            return Ok(YearReference::Offset(0));
        }
        if offset.starts_with(['+', '-'])
            && let Ok(offset) = offset.parse()
        {
            return Ok(YearReference::Offset(offset));
        }
    }
    if let Some(parameter) = study.parameters.get(text) {
        let range = parameter.text.parse::<YearRange>();
        let range =
            range.map_err(|error| format!("parameter `{text}` is no range of years: {error}"))?;
        study.range_parameters.insert(text.to_owned());
        return Ok(YearReference::Range(range));
    }
    let range = text.parse::<YearRange>().map_err(|_| {
        format!("`{text}` must be \"year\", \"year+1\", \"all\", a range or a parameter with one")
    })?;
    Ok(YearReference::Range(range))
}

fn with_default_reads(study: &Study, table: &TableName, mut reads: Reads) -> Reads {
    if let Some(model) = study.models.get(table) {
        let default = if model.is_yearly { YearReference::Offset(0) } else { YearReference::All };
        for upstream in model.query.tables.iter().filter(|upstream| study.is_yearly(upstream)) {
            reads.entry(upstream.clone()).or_insert_with(|| vec![default]);
        }
    }
    reads
}

/// Checks what every query reads and binds.
fn check_queries(study: &Study) -> Result<()> {
    let models = study.models.values().map(|model| (Some(model), &model.query));
    let checks = study.checks.values().map(|check| (None, &check.query));
    let known: BTreeSet<TableName> =
        Layer::ALL.into_iter().flat_map(|layer| study.tables(layer)).collect();
    for (model, query) in models.chain(checks) {
        let own = model.map_or(Layer::Out, |model| model.table.layer);
        for upstream in &query.tables {
            check_upstream(own, upstream, &known, query)?;
        }
        let has_year = model.is_some_and(|model| model.is_yearly);
        for parameter in &query.parameters {
            check_parameter(study, query, parameter, has_year)?;
        }
    }
    Ok(())
}

/// Refuses a parameter that nothing defines, and one of a year without a year.
fn check_parameter(study: &Study, query: &Query, name: &str, has_year: bool) -> Result<()> {
    let is_year = name == "year";
    let known = study.parameters.get(name).filter(|_| !is_year);
    if has_year && is_year || known.is_some_and(|it| has_year || it.in_year(None).is_some()) {
        return Ok(());
    }
    let (message, hint) = if is_year || known.is_some() {
        let hint = format!("`${name}` is bound in models with one slice a year");
        (format!("the parameter `${name}` has no value without a year"), hint)
    } else {
        let near = suggestion(name, study.parameters.keys().map(String::as_str));
        let hint = match near {
            Some(near) => format!("did you mean `${near}`?"),
            None => "name it under [parameters] in the study".to_owned(),
        };
        (format!("the parameter `${name}` is not defined"), hint)
    };
    Err(query.mistake_at(&format!("${name}"), message).with_hint(hint))
}

fn check_upstream(
    own: Layer,
    upstream: &TableName,
    known: &BTreeSet<TableName>,
    query: &Query,
) -> Result<()> {
    let name = upstream.to_string();
    if !known.contains(upstream) {
        let may_be_read = |table: &&TableName| match table.layer {
            Layer::Raw => own == Layer::Staging,
            layer => layer <= own,
        };
        let names: Vec<String> =
            known.iter().filter(may_be_read).map(ToString::to_string).collect();
        let error = query.mistake_at(&name, format!("there is no table `{name}`"));
        return Err(match suggestion(&name, names.iter().map(String::as_str)) {
            Some(near) => error.with_hint(format!("did you mean `{near}`?")),
            None => error.with_hint("a table is a source, a code list, or an SQL file"),
        });
    }
    if upstream.layer > own {
        let message = format!("a {own} model must not read `{name}`: data never flows back");
        return Err(query.mistake_at(&name, message));
    }
    if upstream.layer == Layer::Raw && own != Layer::Staging {
        let message = format!("only staging reads raw tables, and `{name}` is one");
        return Err(query.mistake_at(&name, message).with_hint("add a staging model for it"));
    }
    Ok(())
}

/// Orders the models so that each stands behind what it reads.
fn order(study: &Study) -> Result<Vec<TableName>> {
    let mut ordered: Vec<TableName> = Vec::new();
    let mut waiting: Vec<&Model> = study.models.values().collect();
    while !waiting.is_empty() {
        let is_ready = |model: &&Model| {
            let models = model.query.tables.iter().filter(|table| table.layer != Layer::Raw);
            models.into_iter().all(|table| ordered.contains(table))
        };
        let (ready, rest): (Vec<&Model>, Vec<&Model>) = waiting.into_iter().partition(is_ready);
        if ready.is_empty() {
            return Err(cycle(&rest));
        }
        ordered.extend(ready.into_iter().map(|model| model.table.clone()));
        waiting = rest;
    }
    Ok(ordered)
}

/// Names the tables of one cycle among models that wait for each other.
fn cycle(waiting: &[&Model]) -> Error {
    let find = |table: &TableName| waiting.iter().find(|model| model.table == *table).copied();
    let next = |model: &Model| model.query.tables.iter().find_map(find);
    let mut path: Vec<&Model> = Vec::new();
    let mut model = waiting.first().copied();
    while let Some(current) = model {
        if let Some(start) = path.iter().position(|seen| seen.table == current.table) {
            let mut names: Vec<String> =
                path[start..].iter().map(|m| m.table.to_string()).collect();
            names.push(current.table.to_string());
            let place = names.get(1).cloned().unwrap_or_default();
            return current.query.mistake_at(&place, format!("a cycle: {}", names.join(" reads ")));
        }
        path.push(current);
        model = next(current);
    }
    Error::internal("models wait for each other without a cycle")
}
