//! Plans every query of a study over empty tables: finds unknown columns,
//! types that do not fit and undeclared columns before anything runs, and
//! knows the columns of each table without data.

use std::collections::BTreeMap;

use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::common::{DataFusionError, SchemaError};
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::LogicalPlan;

use super::published::check_published;
use super::refusals::refuse_faults;
use crate::error::{Error, Place, Result};
use crate::pipeline::query::Query;
use crate::pipeline::study::Model;
use crate::pipeline::{Layer, Study, TableName};
use crate::session::{Engine, TableView, analyzed, planning_text, query, reading_schema};

/// The columns of every table of a study; `raw` gives those of the raw tables.
/// Checks the study by it.
///
/// # Errors
/// [`Error::Definition`] for the first query or declaration that does not fit,
/// with file and line.
pub async fn checked_schemas(engine: &Engine, study: &Study, raw: Schemas) -> Result<Schemas> {
    let mut schemas = raw;
    for (table, model) in models(study) {
        let planned = Planned::of(engine, study, &model.query, &schemas).await?;
        let schema = planned.schema();
        planned.check(&model.query)?;
        check_columns(model, &schema)?;
        if let (Layer::Out, Some(published)) = (table.layer, study.published.get(&table.name)) {
            check_published(model, published, &schema)?;
        }
        schemas.insert(table.clone(), schema);
    }
    for check in study.checks.values() {
        Planned::of(engine, study, &check.query, &schemas).await?.check(&check.query)?;
    }
    Ok(schemas)
}

/// The same of a study that was checked before.
///
/// # Errors
/// [`Error::Definition`] for the first query that does not fit.
pub async fn schemas(engine: &Engine, study: &Study, raw: Schemas) -> Result<Schemas> {
    let mut schemas = raw;
    for (table, model) in models(study) {
        let schema = Planned::of(engine, study, &model.query, &schemas).await?.schema();
        schemas.insert(table.clone(), schema);
    }
    Ok(schemas)
}

/// Columns by table.
pub type Schemas = BTreeMap<TableName, SchemaRef>;

/// The models of a study, each behind those that it reads.
fn models(study: &Study) -> impl Iterator<Item = (&TableName, &Model)> {
    study.model_order.iter().filter_map(|table| study.models.get_key_value(table))
}

/// A query over empty tables, as it stands and as the engine understands it.
struct Planned {
    frame: DataFrame,
    analyzed: LogicalPlan,
}

impl Planned {
    async fn of(engine: &Engine, study: &Study, sql: &Query, schemas: &Schemas) -> Result<Self> {
        let view = |table: &TableName| {
            let schema = schemas.get(table).cloned();
            let missing = || Error::internal(format!("{table} has no schema yet"));
            let (schema, files, sort_key) = (schema.ok_or_else(missing)?, Vec::new(), Vec::new());
            Ok(TableView { table: table.clone(), schema, files, sort_key })
        };
        let views = sql.tables.iter().map(view).collect::<Result<Vec<_>>>()?;
        let context = engine.context(&views, false)?;
        let parameters = study.bound(sql, Some(study_year(study)));
        let misfit = |error| misfit(sql, &error);
        let frame = query(&context, &sql.source.text, &parameters).await.map_err(misfit)?;
        let analyzed = analyzed(&frame).map_err(misfit)?;
        Ok(Planned { frame, analyzed })
    }

    fn schema(&self) -> SchemaRef {
        reading_schema(self.analyzed.schema().as_arrow())
    }

    /// Refuses what would be computed wrong, and what the engine cannot optimize:
    /// one pass of its rules shows that.
    fn check(self, sql: &Query) -> Result<()> {
        refuse_faults(sql, self.frame.logical_plan(), &self.analyzed)?;
        let (mut state, _) = self.frame.into_parts();
        state.config_mut().options_mut().optimizer.max_passes = 1;
        let optimized = state.optimizer().optimize(self.analyzed, &state, |_, _| {});
        optimized.map_err(|error| misfit(sql, &error)).map(|_| ())
    }
}

fn study_year(study: &Study) -> i32 {
    match &study.years {
        crate::pipeline::study::StudyYears::Listed(years) => years.first().copied().unwrap_or(0),
        crate::pipeline::study::StudyYears::From(first) => *first,
    }
}

/// A planning error with its place in the SQL; such errors quote the query and
/// names of columns, never data: no table has a row yet.
fn misfit(sql: &Query, error: &DataFusionError) -> Error {
    let span = error.diagnostic().and_then(|diagnostic| diagnostic.span);
    let place = match span {
        Some(span) => Place {
            file: sql.source.file.clone(),
            line: usize::try_from(span.start.line).unwrap_or(1),
            column: usize::try_from(span.start.column).unwrap_or(1),
        },
        None => match error.find_root() {
            DataFusionError::SchemaError(unknown, _) => place_of_column(sql, unknown),
            _ => sql.source.place(0),
        },
    };
    Error::Definition { place, message: planning_text(error), hint: None }
}

fn place_of_column(sql: &Query, error: &SchemaError) -> Place {
    match error {
        SchemaError::FieldNotFound { field, .. } => sql.place_of(field.name()),
        _ => sql.source.place(0),
    }
}

fn check_columns(model: &Model, schema: &Schema) -> Result<()> {
    for column in &model.key {
        need_column(model, schema, column, "its key")?;
    }
    for field in schema.fields() {
        if *field.data_type() == DataType::Null {
            let message = format!("column `{}` has no type", field.name());
            let mistake = model.query.source.mistake(0, message);
            return Err(mistake.with_hint("cast the null to a type"));
        }
    }
    Ok(())
}

pub(super) fn need_column(model: &Model, schema: &Schema, column: &str, place: &str) -> Result<()> {
    if schema.column_with_name(column).is_some() {
        return Ok(());
    }
    let message = format!("does not make the column `{column}` that {place} names");
    Err(model.query.source.mistake(0, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::files::DefinitionFiles;
    use crate::pipeline::study_reader::read_study;
    use arrow::datatypes::Field;
    use std::sync::Arc;

    #[tokio::test]
    async fn the_shipped_studies_plan() {
        let files = DefinitionFiles::find("nlswork", std::path::Path::new("/nowhere")).unwrap();
        let study = read_study(&files).unwrap_or_else(|error| panic!("{error}"));
        let engine = Engine::new(2, 1 << 30, None).unwrap();
        let fields = ["idcode", "year", "age"].map(|n| Field::new(n, DataType::Int64, true));
        let texts = ["ind_code", "occ_code"].map(|n| Field::new(n, DataType::Utf8, true));
        let tenure = Field::new("tenure", DataType::Decimal128(12, 9), true);
        let schema =
            Schema::new(fields.into_iter().chain(texts).chain([tenure]).collect::<Vec<_>>());
        let raw = BTreeMap::from([(TableName::new(Layer::Raw, "interviews"), Arc::new(schema))]);
        let schemas = checked_schemas(&engine, &study, raw).await;
        let schemas = schemas.unwrap_or_else(|error| panic!("{error}"));
        // What is only analyzed has the columns of what is run.
        for (table, model) in models(&study) {
            let planned = Planned::of(&engine, &study, &model.query, &schemas).await.unwrap();
            let run = planned.frame.into_optimized_plan().unwrap();
            assert_eq!(schemas[table], reading_schema(run.schema().as_arrow()), "{table}");
        }
        assert_eq!(schemas.len(), 8);
        let years = match &study.years {
            crate::pipeline::study::StudyYears::Listed(years) => years.clone(),
            _ => panic!(),
        };
        let slices = study.slices(&years);
        assert_eq!(slices.iter().filter(|s| s.table.name == "year_pairs").count(), 8);
    }
}
