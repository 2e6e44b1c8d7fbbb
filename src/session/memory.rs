//! The memory limit of the process. What operators of the engine ask for is
//! shared out fairly, and held against what the process holds: scans, batches in
//! flight, windows and writers ask nobody.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use datafusion::common::{DataFusionError, resources_datafusion_err};
use datafusion::execution::memory_pool::{
    FairSpillPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation,
};

use crate::allocator;

/// What the limit leaves to what the pool does not count: scans, batches in
/// flight, window operators, the allocator's slack, and the program itself.
const UNCOUNTED_BYTES: u64 = 100 << 20;
const COUNTED_PERCENT: u64 = 55;
/// An operator that holds less has nothing to spill that would help.
const WORTH_SPILLING_BYTES: usize = 8 << 20;
/// So much more than its limit the process may hold before a query is ended.
const TOLERATED_BYTES: u64 = 48 << 20;
/// From this part of the limit on memory is short: what is freed is given back at
/// once, and threads at rest keep none.
const SHORT_FROM_PERCENT: u64 = 50;
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// So long nobody goes on, where the process holds too much, before a query is
/// ended; and so long that one may take to give its memory back.
const PATIENCE: Duration = Duration::from_millis(300);

/// The memory that the process holds, looked at every few milliseconds, and the
/// queries that are under way.
#[derive(Debug)]
pub(super) struct Gauge {
    limit: u64,
    held: AtomicU64,
    queries: Mutex<Queries>,
}

#[derive(Debug, Default)]
struct Queries {
    /// Those under way, in the order in which they began.
    numbers: BTreeSet<u64>,
    /// Since when the process holds too much, or the last of them was ended.
    waiting_since: Option<Instant>,
}

impl Gauge {
    /// Looks at the process until the gauge is dropped.
    fn start(limit: u64) -> Arc<Self> {
        let held = AtomicU64::new(held_bytes().unwrap_or(0));
        let gauge = Arc::new(Gauge { limit, held, queries: Mutex::default() });
        let weak: Weak<Self> = Arc::downgrade(&gauge);
        std::thread::spawn(move || {
            while let Some(gauge) = weak.upgrade() {
                gauge.look();
                drop(gauge);
                std::thread::sleep(LOOK_EVERY);
            }
        });
        gauge
    }

    fn look(&self) {
        let held = held_bytes().unwrap_or(0);
        self.held.store(held, Ordering::Relaxed);
        allocator::set_short(held > self.limit / 100 * SHORT_FROM_PERCENT);
        let mut queries = self.queries();
        if held <= self.most() {
            queries.waiting_since = None;
        } else {
            queries.waiting_since.get_or_insert_with(Instant::now);
            drop(queries);
            allocator::give_back();
        }
    }

    /// What the process may hold before a query is ended.
    fn most(&self) -> u64 {
        self.limit.saturating_add(TOLERATED_BYTES)
    }

    fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    fn queries(&self) -> MutexGuard<'_, Queries> {
        self.queries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a query among those under way.
#[derive(Debug)]
pub(super) struct Turn {
    gauge: Arc<Gauge>,
    number: u64,
}

impl Turn {
    fn take(gauge: &Arc<Gauge>) -> Self {
        let mut queries = gauge.queries();
        let number = queries.numbers.last().map_or(0, |last| last + 1);
        queries.numbers.insert(number);
        Turn { gauge: Arc::clone(gauge), number }
    }

    /// Goes on where the process holds no more than it may. Where it does, all
    /// wait, and if that does not help the query that began last is ended.
    ///
    /// # Errors
    /// That resources are exhausted.
    pub(super) async fn go_on(&self) -> Result<(), DataFusionError> {
        while self.gauge.held() > self.gauge.most() {
            if self.is_to_end() {
                return Err(resources_datafusion_err!("the process holds more than it may"));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    fn is_to_end(&self) -> bool {
        let mut queries = self.gauge.queries();
        let has_waited = queries.waiting_since.is_some_and(|since| since.elapsed() > PATIENCE);
        let is_it = has_waited && queries.numbers.last() == Some(&self.number);
        if is_it {
            queries.waiting_since = Some(Instant::now());
        }
        is_it
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.gauge.queries().numbers.remove(&self.number);
    }
}

/// The bytes of memory that this process holds, where the system tells.
fn held_bytes() -> Option<u64> {
    told_bytes("VmRSS:")
}

/// The most bytes of memory that this process has held, where the system tells.
pub fn peak_bytes() -> Option<u64> {
    told_bytes("VmHWM:")
}

/// One of the sizes that the system tells of this process.
fn told_bytes(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

/// Shares the limit out, and refuses more where the process holds too much.
#[derive(Debug)]
pub(super) struct LimitedPool {
    fair: FairSpillPool,
    gauge: Arc<Gauge>,
    /// The least limit under which what was refused last would have been granted.
    needed: AtomicU64,
}

impl LimitedPool {
    pub(super) fn new(limit: u64) -> Self {
        let counted = usize::try_from(counted(limit)).unwrap_or(usize::MAX);
        let fair = FairSpillPool::new(counted);
        LimitedPool { fair, gauge: Gauge::start(limit), needed: AtomicU64::new(0) }
    }

    /// Begins a query.
    pub(super) fn begin(&self) -> Turn {
        Turn::take(&self.gauge)
    }

    /// The limit of the process in bytes.
    pub(super) fn limit(&self) -> u64 {
        self.gauge.limit
    }

    /// The least limit in bytes that would have let go on what was refused last,
    /// or what is held.
    pub(super) fn needed(&self) -> u64 {
        let needed = self.needed.load(Ordering::Relaxed).max(self.gauge.held());
        needed.max(self.gauge.limit + 1)
    }

    /// Who has something to spill does so before the process holds too much.
    fn asks_to_spill(&self, reservation: &MemoryReservation, additional: usize) -> bool {
        reservation.consumer().can_spill()
            && reservation.size() >= WORTH_SPILLING_BYTES
            && self.gauge.held().saturating_add(additional as u64) > self.gauge.limit
    }
}

/// The part of a limit that operators are counted against.
fn counted(limit: u64) -> u64 {
    limit.saturating_sub(UNCOUNTED_BYTES) / 100 * COUNTED_PERCENT
}

/// The limit of which so many bytes are the counted part.
fn limit_of(counted: u64) -> u64 {
    (counted / COUNTED_PERCENT).saturating_mul(100).saturating_add(UNCOUNTED_BYTES)
}

impl MemoryPool for LimitedPool {
    fn name(&self) -> &str {
        "limited"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.fair.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.fair.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.fair.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.fair.shrink(reservation, shrink);
    }

    fn try_grow(
        &self,
        reservation: &MemoryReservation,
        additional: usize,
    ) -> Result<(), DataFusionError> {
        if self.asks_to_spill(reservation, additional) {
            return Err(resources_datafusion_err!("the process holds what it may"));
        }
        self.fair.try_grow(reservation, additional).inspect_err(|_| {
            let wanted = self.fair.reserved().saturating_add(additional);
            self.needed.store(limit_of(wanted as u64), Ordering::Relaxed);
        })
    }

    fn reserved(&self) -> usize {
        self.fair.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        self.fair.memory_limit()
    }
}

impl fmt::Display for LimitedPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
