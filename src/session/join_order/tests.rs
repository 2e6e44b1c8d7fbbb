//! Every order that a step of a plan claims, held against the rows that it gives.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::compute::{LexicographicalComparator, SortColumn, concat_batches};
use datafusion::datasource::MemTable;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::ident;
use datafusion::physical_expr::LexOrdering;
use datafusion::physical_plan::execution_plan::{collect_partitioned, reset_plan_states};
use datafusion::physical_plan::joins::SortMergeJoinExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use datafusion::prelude::SessionContext;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::super::{Engine, register};
use crate::pipeline::{Layer, TableName};

/// A table sorted by `k` and `i`: some rows of each `k`, and of none.
fn table(random: &mut Pcg64Mcg, most: i64) -> MemTable {
    let mut columns = [Vec::new(), Vec::new(), Vec::new()];
    for key in [None, Some(0), Some(1), Some(2), Some(5)] {
        for number in 0..random.random_range(0..most) {
            let row = [key, Some(number), Some(random.random_range(0..4))];
            columns.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
        }
    }
    let columns = columns.map(|column| Arc::new(Int64Array::from(column)) as ArrayRef);
    let columns = ["k", "i", "x"].into_iter().zip(columns);
    let rows = RecordBatch::try_from_iter_with_nullable(
        columns.map(|(name, column)| (name, column, true)),
    );
    let rows = rows.unwrap();
    let batches = (0..rows.num_rows()).step_by(16);
    let batches = batches.map(|row| rows.slice(row, 16.min(rows.num_rows() - row))).collect();
    let order = ["k", "i"].map(|name| ident(name).sort(true, true)).to_vec();
    MemTable::try_new(rows.schema(), vec![batches]).unwrap().with_sort_order(vec![order])
}

/// Queries that would rest on an order of the rows of a join.
fn queries() -> Vec<String> {
    let mut queries = Vec::new();
    for join in ["inner", "left", "right", "full"] {
        for more in ["", " and l.x < r.x", " and l.x = r.i"] {
            let rows = format!(
                "(select l.k as lk, l.x as lx, r.k as rk, r.i as ri from core.l as l \
                 {join} join core.r as r on l.k = r.k{more})"
            );
            queries.extend([
                format!("select lk, ri, count(*) from {rows} group by lk, ri"),
                format!("select rk, lx, count(*) from {rows} group by rk, lx"),
                format!("select lk, dense_rank() over (partition by lk order by ri) from {rows}"),
                format!("select * from {rows} order by lk nulls first, ri nulls first, lx"),
                format!("select * from {rows} order by rk nulls first, lx nulls first, ri"),
            ]);
        }
    }
    for join in ["left semi", "left anti", "right semi", "right anti"] {
        let side = if join.starts_with("left") { "l" } else { "r" };
        queries.push(format!(
            "select {side}.k, {side}.x, count(*) from core.l as l {join} join core.r as r \
             on l.k = r.k and l.x < r.x group by {side}.k, {side}.x"
        ));
    }
    queries
}

/// Whether the rows of a partition have an order.
fn is_in_order(rows: &RecordBatch, order: &LexOrdering) -> bool {
    let column = |key: &datafusion::physical_expr::PhysicalSortExpr| SortColumn {
        values: key.expr.evaluate(rows).unwrap().into_array(rows.num_rows()).unwrap(),
        options: Some(key.options),
    };
    let columns: Vec<SortColumn> = order.iter().map(column).collect();
    let comparator = LexicographicalComparator::try_new(&columns).unwrap();
    (1..rows.num_rows()).all(|row| comparator.compare(row - 1, row).is_le())
}

/// Runs each step of a plan by itself, and counts the orders that it claims. What a
/// merge join claims nobody hears: the step behind it says what is true.
async fn claims_that_hold(step: &Arc<dyn ExecutionPlan>, context: &Arc<TaskContext>) -> usize {
    let fresh = reset_plan_states(Arc::clone(step)).unwrap();
    let mut held = 0;
    let is_heard = !step.is::<SortMergeJoinExec>();
    let orders = fresh.equivalence_properties().oeq_class().clone();
    for batches in collect_partitioned(fresh, Arc::clone(context)).await.unwrap() {
        let rows = concat_batches(&step.schema(), &batches).unwrap();
        for order in orders.iter().filter(|_| is_heard) {
            assert!(is_in_order(&rows, order), "{} claims {order}", step.name());
            held += 1;
        }
    }
    for below in step.children() {
        held += Box::pin(claims_that_hold(below, context)).await;
    }
    held
}

/// A session over two tables, of which the second has at most so many rows of a key.
fn context(threads: usize, prefers_merge_join: bool, most: i64) -> SessionContext {
    let engine = Engine::new(threads, 1 << 30, None).unwrap().divided(threads, Some(8));
    let context = engine.bare_context(prefers_merge_join).unwrap();
    let mut random = Pcg64Mcg::seed_from_u64(1);
    for (name, most) in [("l", 12), ("r", most)] {
        let name = TableName::new(Layer::Core, name);
        register(&context, &name, Arc::new(table(&mut random, most))).unwrap();
    }
    context
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_gives_rows_in_every_order_that_it_claims() {
    for most in [4, 30] {
        for (threads, prefers_merge_join) in [(1, false), (3, false), (2, true)] {
            let context = context(threads, prefers_merge_join, most);
            let mut held = 0;
            for sql in queries() {
                let plan = context.sql(&sql).await.unwrap().create_physical_plan().await.unwrap();
                held += claims_that_hold(&plan, &context.task_ctx()).await;
            }
            assert!(held > 500, "{held} claims");
        }
    }
}
