//! The only place that builds DataFusion sessions: one memory limit, one spill
//! folder, and for each query exactly the slices that it may see.

mod checkpoint;
mod exact_casts;
mod exact_sums;
mod join_order;
mod memory;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{MemorySchemaProvider, TableProvider};
use datafusion::common::{DataFusionError, ScalarValue};
use datafusion::dataframe::DataFrame;
use datafusion::datasource::MemTable;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::MemoryPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::{LogicalPlan, ident};
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext};

use self::checkpoint::Checkpoints;
use self::exact_casts::KeepLossyCasts;
use self::exact_sums::ExactSums;
use self::join_order::planning_rules;
pub use self::memory::peak_bytes;

use self::memory::LimitedPool;
use crate::error::{Error, Result, is_disk_full};
use crate::pipeline::{Layer, TableName};

/// The engine of one run: threads, memory and spill folder that all its
/// queries share.
#[derive(Clone)]
pub struct Engine {
    runtime: Arc<RuntimeEnv>,
    memory: Arc<LimitedPool>,
    threads: usize,
    batch_rows: Option<usize>,
    spill: Option<PathBuf>,
}

/// Slices of one table that a query may see.
#[derive(Debug, Clone)]
pub struct TableView {
    /// The table.
    pub table: TableName,
    /// Columns of all its slices.
    pub schema: SchemaRef,
    /// The slices' files.
    pub files: Vec<PathBuf>,
    /// The columns by which each file is sorted, verified when it was written.
    pub sort_key: Vec<String>,
}

impl Engine {
    /// Builds the engine; `memory` is the limit of the whole process in bytes.
    ///
    /// # Errors
    /// [`Error::Internal`] where DataFusion refuses its settings.
    pub fn new(threads: usize, memory: u64, spill: Option<&Path>) -> Result<Self> {
        let memory = Arc::new(LimitedPool::new(memory));
        let mode = match spill {
            Some(folder) => DiskManagerMode::Directories(vec![folder.to_path_buf()]),
            None => DiskManagerMode::Disabled,
        };
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::clone(&memory) as Arc<dyn MemoryPool>)
            .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(mode))
            .build_arc()
            .map_err(|error| Error::internal(format!("engine: {}", error.strip_backtrace())))?;
        let spill = spill.map(Path::to_path_buf);
        Ok(Engine { runtime, memory, threads: threads.max(1), batch_rows: None, spill })
    }

    /// The same engine with plans of so many partitions, and batches of so many
    /// rows, where a number is given. A plan of one shares the memory with nobody
    /// when nothing runs beside it.
    #[must_use]
    pub fn divided(&self, threads: usize, batch_rows: Option<usize>) -> Self {
        Engine { threads: threads.max(1), batch_rows, ..self.clone() }
    }

    /// The error for a query that failed: `name` is what it was to give, `sql`
    /// where it stands. The engine's own text may quote data, and stays out.
    pub fn query_failure(&self, error: &DataFusionError, name: &str, sql: &str) -> Error {
        if let Some(error) = self.spill_failure(error) {
            return error;
        }
        let (slice, sql) = (name.to_owned(), sql.to_owned());
        match error.find_root() {
            DataFusionError::ResourcesExhausted(_) => {
                let (limit, needed) = (self.memory.limit(), self.memory.needed());
                Error::Memory { slice, sql, limit, needed }
            }
            _ => Error::Model { slice, sql, message: failure_kind(error), hint: None },
        }
    }

    /// The error for a query that found no room to spill; none for other
    /// failures.
    fn spill_failure(&self, error: &DataFusionError) -> Option<Error> {
        let mut causes =
            std::iter::successors(Some(error as &dyn std::error::Error), |cause| cause.source());
        let source = causes.find_map(|cause| {
            cause.downcast_ref::<std::io::Error>().filter(|error| is_disk_full(error))
        })?;
        // The engine's own text is not known to be free of data.
        let source = std::io::Error::from(source.kind());
        self.spill.clone().map(|path| Error::Io { action: "spill to", path, source })
    }

    fn bare_context(&self, prefers_merge_join: bool) -> Result<SessionContext> {
        // In a plan of one partition the engine takes a hash join without a word,
        // and that holds one side in memory.
        let least = if prefers_merge_join { 2 } else { 1 };
        let mut config = SessionConfig::new()
            .with_target_partitions(self.threads.max(least))
            .with_create_default_catalog_and_schema(true)
            .with_information_schema(false)
            .with_collect_statistics(true);
        if let Some(rows) = self.batch_rows {
            config = config.with_batch_size(rows);
        }
        let options = config.options_mut();
        options.sql_parser.collect_spans = true;
        options.optimizer.prefer_hash_join = !prefers_merge_join;
        options.optimizer.prefer_existing_sort = prefers_merge_join;
        options.execution.parquet.pushdown_filters = false;
        options.execution.parquet.schema_force_view_types = false;
        options.sql_parser.map_string_types_to_utf8view = false;
        let rules = planning_rules().map_err(|error| Error::internal(error.strip_backtrace()))?;
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(Arc::clone(&self.runtime))
            .with_default_features()
            .with_physical_optimizer_rules(rules)
            .with_physical_optimizer_rule(Arc::new(Checkpoints(Arc::new(self.memory.begin()))))
            .build();
        #[expect(clippy::disallowed_methods, reason = "the one place that builds sessions")]
        let context = SessionContext::new_with_state(state);
        context.add_analyzer_rule(Arc::new(ExactSums));
        context.add_analyzer_rule(Arc::new(KeepLossyCasts::default()));
        let catalog = context.catalog("datafusion").ok_or_else(|| Error::internal("no catalog"))?;
        for layer in Layer::ALL {
            catalog
                .register_schema(layer.as_str(), Arc::new(MemorySchemaProvider::new()))
                .map_err(|error| Error::internal(format!("engine: {}", error.strip_backtrace())))?;
        }
        Ok(context)
    }

    /// A session that sees the given slices and nothing else.
    ///
    /// # Errors
    /// [`Error::Internal`] for a view that cannot be registered.
    pub fn context(&self, views: &[TableView], prefers_merge_join: bool) -> Result<SessionContext> {
        let context = self.bare_context(prefers_merge_join)?;
        for view in views {
            let provider = provider(view).map_err(|error| unregistered(&view.table, &error))?;
            register(&context, &view.table, provider)?;
        }
        Ok(context)
    }

    /// A session over tables held in memory, for data that is not in the lake.
    ///
    /// # Errors
    /// [`Error::Internal`] for a batch that cannot be registered.
    pub fn memory_context(
        &self,
        tables: Vec<(TableName, arrow::array::RecordBatch)>,
    ) -> Result<SessionContext> {
        let context = self.bare_context(false)?;
        for (table, batch) in tables {
            let provider = MemTable::try_new(batch.schema(), vec![vec![batch]])
                .map_err(|error| unregistered(&table, &error))?;
            register(&context, &table, Arc::new(provider))?;
        }
        Ok(context)
    }
}

fn unregistered(table: &TableName, error: &DataFusionError) -> Error {
    Error::internal(format!("{table} cannot be registered: {}", failure_kind(error)))
}

fn register(
    context: &SessionContext,
    table: &TableName,
    provider: Arc<dyn TableProvider>,
) -> Result<()> {
    let reference =
        datafusion::common::TableReference::partial(table.layer.as_str(), table.name.as_str());
    context.register_table(reference, provider).map_err(|error| unregistered(table, &error))?;
    Ok(())
}

fn provider(view: &TableView) -> Result<Arc<dyn TableProvider>, DataFusionError> {
    let schema = reading_schema(&view.schema);
    if view.files.is_empty() {
        return Ok(Arc::new(EmptyTable::new(schema)));
    }
    let urls = view.files.iter().map(|file| file_url(file)).collect::<Result<Vec<_>, _>>()?;
    let mut options =
        ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
    if !view.sort_key.is_empty() {
        let order = view.sort_key.iter().map(|column| ident(column).sort(true, true));
        options = options.with_file_sort_order(vec![order.collect()]);
    }
    let config = ListingTableConfig::new_with_multi_paths(urls)
        .with_listing_options(options)
        .with_schema(schema);
    Ok(Arc::new(ListingTable::try_new(config)?))
}

/// The place of one file, taken as it is written. The engine would take a bare
/// path with `*`, `?` or `[` for a pattern, find nothing, and read no rows.
fn file_url(file: &Path) -> Result<ListingTableUrl, DataFusionError> {
    let mut url = "file://".to_owned();
    for byte in file.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'_' | b'-' | b'=' => url.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => url.push(char::from(*byte)),
            byte => url.push_str(&format!("%{byte:02X}")),
        }
    }
    ListingTableUrl::parse(url)
}

/// The schema in which stored files are read: all nullable, and text not as
/// views: a batch of views is counted with every buffer that it shares, and
/// sorts behind joins then ask for 77 MB for one batch.
pub fn reading_schema(schema: &Schema) -> SchemaRef {
    let field = |field: &Arc<Field>| {
        let kind = match field.data_type() {
            DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
            other => other.clone(),
        };
        Field::new(field.name(), kind, true)
    };
    Arc::new(Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>()))
}

/// Plans a query with its parameters; refuses anything but a query.
///
/// # Errors
/// The engine's own error: of planning only, so that it quotes the SQL, never data.
pub async fn query(
    context: &SessionContext,
    sql: &str,
    parameters: &BTreeMap<String, ScalarValue>,
) -> Result<DataFrame, DataFusionError> {
    let only_queries =
        SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    let frame = context.sql_with_options(sql, only_queries).await?;
    let values: Vec<(String, ScalarValue)> =
        parameters.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    if values.is_empty() { Ok(frame) } else { frame.with_param_values(values) }
}

/// A query as the engine will run it, with every cast that its types ask for.
///
/// # Errors
/// The engine's own error, of planning.
pub fn analyzed(frame: &DataFrame) -> Result<LogicalPlan, DataFusionError> {
    let (state, plan) = frame.clone().into_parts();
    state.analyzer().execute_and_check(plan, state.config_options(), |_, _| {})
}

/// What kind of failure an engine error is, in words that quote no data.
pub fn failure_kind(error: &DataFusionError) -> String {
    match error.find_root() {
        DataFusionError::ResourcesExhausted(_) => "the memory limit or the spill folder is used up",
        DataFusionError::IoError(_) | DataFusionError::ObjectStore(_) => {
            "a file cannot be read or written"
        }
        DataFusionError::ParquetError(_) => "a Parquet file is damaged",
        DataFusionError::ArrowError(error, _) => match **error {
            arrow::error::ArrowError::DivideByZero => "a division by zero",
            arrow::error::ArrowError::ArithmeticOverflow(_) => "a number too large for its type",
            arrow::error::ArrowError::CastError(_) | arrow::error::ArrowError::ParseError(_) => {
                "a value that cannot be cast to the type asked for"
            }
            _ => "a value that cannot be computed",
        },
        DataFusionError::Plan(_)
        | DataFusionError::SchemaError(_, _)
        | DataFusionError::SQL(_, _) => "the query does not fit its tables",
        DataFusionError::NotImplemented(_) => "something that the engine cannot do",
        _ => "the engine failed while it computed a value",
    }
    .to_owned()
}

/// The text of an error that came while a query was planned, without the
/// engine's own words for kinds of errors. It quotes the query and names of
/// columns; only for errors that came before any data were read.
pub fn planning_text(error: &DataFusionError) -> String {
    let text = error.find_root().strip_backtrace();
    let mut text = text.lines().next().unwrap_or_default();
    for kind in ["Schema error: ", "Error during planning: ", "Internal error: "] {
        text = text.strip_prefix(kind).unwrap_or(text);
    }
    // Behind it the engine lists every type that it tried.
    text.split_once(", errors: ").map_or(text, |(text, _)| text).to_owned()
}
