//! A study as valid values: what it reads, what it makes, what it publishes.
//! Reading it from files is left to `study_reader`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use datafusion::common::ScalarValue;

use super::codebook::Codebook;
use super::drift::DriftPolicy;
use super::file_pattern::SourceFiles;
use super::names::{Layer, SliceId, TableName};
use super::parameters::Parameter;
use super::protection::Thresholds;
use super::published::Published;
use super::query::Query;
use super::report::Report;
use super::toml_reader::DefinitionText;
use super::years::YearRange;

/// One study, checked as a whole.
#[derive(Debug, Clone)]
pub struct Study {
    /// Its name, which is also that of its file.
    pub name: String,
    /// What it is about, for people.
    pub title: String,
    /// The years it covers.
    pub years: StudyYears,
    /// Whether its tables may leave without disclosure control.
    pub disclosure: Disclosure,
    /// Where its raw files lie when the command line does not say.
    pub raw: Option<PathBuf>,
    /// Parameters by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// Sources by the name of their `raw` table.
    pub sources: BTreeMap<String, Source>,
    /// Code lists by the name of their `raw` table.
    pub codelists: BTreeMap<String, DefinitionText>,
    /// Models by table.
    pub models: BTreeMap<TableName, Model>,
    /// Models in an order in which each stands behind what it reads.
    pub model_order: Vec<TableName>,
    /// Checks by name.
    pub checks: BTreeMap<String, Check>,
    /// From which cells on a release is safe.
    pub thresholds: Thresholds,
    /// Published tables by name.
    pub published: BTreeMap<String, Published>,
    /// How the report of a release is shaped.
    pub report: Report,
    /// What is no mistake and may be meant otherwise, for people.
    pub warnings: Vec<String>,
    /// Parameters that name years in `reads`.
    pub range_parameters: BTreeSet<String>,
}

/// The years that a study names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StudyYears {
    /// Exactly these.
    Listed(BTreeSet<i32>),
    /// From this year as far as every yearly source has files.
    From(i32),
}

/// What may leave, and under which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// Public data: nothing needs protection.
    Public,
    /// Invented data: nothing needs protection.
    Synthetic,
    /// Microdata: nothing leaves without disclosure control.
    Protected,
}

impl Disclosure {
    /// The word of the study's file.
    pub fn as_str(self) -> &'static str {
        match self {
            Disclosure::Public => "public",
            Disclosure::Synthetic => "synthetic",
            Disclosure::Protected => "protected",
        }
    }
}

/// One subject of raw delivery.
#[derive(Debug, Clone)]
pub struct Source {
    /// How its files are to be read.
    pub codebook: Codebook,
    /// Which files are its own.
    pub files: SourceFiles,
    /// Takes provisional versions too.
    pub takes_provisional: bool,
    /// What happens where the columns of its files change.
    pub drift: DriftPolicy,
    /// A file may be smaller than the vintage before it by so much, in millionths.
    pub volume_guard_ppm: u32,
    /// Files that changed later before a run are left to the next one.
    pub settle: Duration,
}

/// One model: a query that makes one table.
#[derive(Debug, Clone)]
pub struct Model {
    /// The table it makes.
    pub table: TableName,
    /// The query.
    pub query: Query,
    /// One slice a year, or one in all.
    pub is_yearly: bool,
    /// The grain: the unique key, which is also the order of the rows.
    pub key: Vec<String>,
    /// Joins large sorted tables by merging them, in bounded memory.
    pub prefers_merge_join: bool,
    /// A slice of a declared year without a row is no mistake.
    pub may_be_empty: bool,
    /// Which years it sees of each table it reads. A whole table is seen whole,
    /// and has an entry only where years decide for which of them there is a
    /// slice.
    pub reads: BTreeMap<TableName, Vec<YearReference>>,
}

/// Years of an upstream table that one slice sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YearReference {
    /// The slice's year plus so many.
    Offset(i32),
    /// Every year there is.
    All,
    /// A fixed range.
    Range(YearRange),
}

/// A query that must return no rows.
#[derive(Debug, Clone)]
pub struct Check {
    /// Its file's name: a sentence with underscores.
    pub name: String,
    /// The sentence of its first line.
    pub sentence: String,
    /// What happens when rows come.
    pub level: CheckLevel,
    /// The query.
    pub query: Query,
}

/// What a failed check does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckLevel {
    /// The run stops before anything is current or published.
    Stop,
    /// The run goes on and says so.
    Warn,
}

impl Study {
    /// Tables of a layer, in name order.
    pub fn tables(&self, layer: Layer) -> Vec<TableName> {
        match layer {
            Layer::Raw => {
                let names = self.sources.keys().chain(self.codelists.keys());
                let mut names: Vec<&String> = names.collect();
                names.sort();
                names.into_iter().map(|name| TableName::new(Layer::Raw, name.clone())).collect()
            }
            _ => self.models.keys().filter(|table| table.layer == layer).cloned().collect(),
        }
    }

    /// Says whether a table has one slice a year.
    pub fn is_yearly(&self, table: &TableName) -> bool {
        match table.layer {
            Layer::Raw => self.sources.get(&table.name).is_some_and(|s| s.files.has_year()),
            _ => self.models.get(table).is_some_and(|model| model.is_yearly),
        }
    }

    /// The parameters that a query binds, with `$year` and the days of each year
    /// for a slice of a year.
    pub fn bound(&self, query: &Query, year: Option<i32>) -> BTreeMap<String, ScalarValue> {
        let value = |name: &String| -> Option<(String, ScalarValue)> {
            let value = match (name.as_str(), year) {
                ("year", Some(year)) => ScalarValue::Int64(Some(i64::from(year))),
                _ => self.parameters.get(name)?.in_year(year)?,
            };
            Some((name.clone(), value))
        };
        query.parameters.iter().filter_map(value).collect()
    }

    /// All slices of the study over `years`, each behind those it reads.
    ///
    /// A yearly model has a slice for each year for which every year it reads
    /// by offset exists; a pair of years therefore carries its first year.
    pub fn slices(&self, years: &BTreeSet<i32>) -> Vec<SliceId> {
        let mut slices: BTreeMap<TableName, BTreeSet<Option<i32>>> = BTreeMap::new();
        let mut ordered = Vec::new();
        let raw = self.tables(Layer::Raw);
        for table in raw.iter().chain(&self.model_order) {
            let own = self.slice_years(table, years, &slices);
            ordered.extend(own.iter().map(|year| SliceId::new(table.clone(), *year)));
            slices.insert(table.clone(), own);
        }
        ordered
    }

    fn slice_years(
        &self,
        table: &TableName,
        years: &BTreeSet<i32>,
        known: &BTreeMap<TableName, BTreeSet<Option<i32>>>,
    ) -> BTreeSet<Option<i32>> {
        if !self.is_yearly(table) {
            return BTreeSet::from([None]);
        }
        let exists = |year: &i32| {
            let Some(model) = self.models.get(table) else { return true };
            model.reads.iter().all(|(upstream, references)| {
                let slices = known.get(upstream);
                references.iter().all(|reference| match reference {
                    YearReference::Offset(offset) if self.is_yearly(upstream) => {
                        slices.is_some_and(|slices| slices.contains(&Some(year + offset)))
                    }
                    YearReference::Offset(offset) => years.contains(&(year + offset)),
                    YearReference::All | YearReference::Range(_) => true,
                })
            })
        };
        years.iter().filter(|year| exists(year)).map(|year| Some(*year)).collect()
    }

    /// The slices that a model's slice sees, out of `all`, in a fixed order.
    pub fn upstreams(&self, slice: &SliceId, all: &BTreeSet<SliceId>) -> Vec<SliceId> {
        let Some(model) = self.models.get(&slice.table) else { return Vec::new() };
        let sees = |upstream: &SliceId| match (upstream.year, model.reads.get(&upstream.table)) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(year), Some(references)) => references.iter().any(|reference| match reference {
                YearReference::Offset(offset) => slice.year.is_some_and(|own| own + offset == year),
                YearReference::All => true,
                YearReference::Range(range) => range.contains(year),
            }),
        };
        let reads = |upstream: &&SliceId| model.query.tables.contains(&upstream.table);
        all.iter().filter(reads).filter(|upstream| sees(upstream)).cloned().collect()
    }
}
