//! The program: parses, starts logging, carries out, and turns the result into
//! an exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use honkvast::Error;
use honkvast::allocator;
use honkvast::cli::{Cli, carry_out, start_logging};

// Batches of a run are made on one thread and dropped on another, by the
// hundred a second: a quarter of the time went into malloc and page faults.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    allocator::set_short(false);
    leave_no_core_dump();
    let cli = Cli::parse();
    start_logging(&cli);
    match carry_out(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            tell(&cli, &error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// One line with what is wrong and one with what to do; one JSON object where
/// the log is JSON.
fn tell(cli: &Cli, error: &Error) {
    let hint = error.hint().unwrap_or_default();
    if cli.logs_last_error() {
        tracing::error!(exit_code = error.exit_code(), hint, "{error}");
    }
    if !cli.prints_last_error() {
        return;
    }
    let mut stderr = std::io::stderr().lock();
    // Nobody is left to tell where stderr itself is gone.
    let _ = writeln!(stderr, "error: {error}");
    if !hint.is_empty() {
        let _ = writeln!(stderr, "  hint: {hint}");
    }
}

/// No image of the process's memory, which holds microdata, is left on a disk
/// when it ends by a fault: not as a file, nor handed to a collector of them.
fn leave_no_core_dump() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    // Where the system refuses, the program does its work all the same.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use honkvast::allocator;
    use honkvast::cli::start_threads;

    const MIB: usize = 1 << 20;

    /// Blocks of many sizes, all written to. The allocator has a page of 4 MiB for
    /// each size, and one that is not quite full stays with its thread.
    fn blocks() -> Vec<Vec<u8>> {
        let kibibytes = [72, 88, 104, 120, 144, 176, 208, 240, 288, 352, 416, 480];
        let sizes = kibibytes.iter().map(|kibibytes| kibibytes << 10);
        sizes.flat_map(|size| (1..4 * MIB / size).map(move |_| vec![1; size])).collect()
    }

    fn held_bytes() -> usize {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().strip_suffix("kB").unwrap().trim().parse::<usize>().unwrap() << 10
    }

    /// Whether no more is held within some seconds, when another thread gives back
    /// what it may.
    fn comes_to_hold_less_than(bytes: usize) -> bool {
        let start = Instant::now();
        while held_bytes() >= bytes && start.elapsed() < Duration::from_secs(10) {
            allocator::give_back();
            std::thread::sleep(Duration::from_millis(5));
        }
        held_bytes() < bytes
    }

    #[test]
    fn threads_at_rest_keep_nothing_where_memory_is_short() {
        let threads = start_threads(1).unwrap();
        let before = held_bytes();
        let of_a_worker = threads.block_on(threads.spawn(async { blocks() })).unwrap();
        let of_a_reader = threads.block_on(threads.spawn_blocking(blocks)).unwrap();
        let size: usize = of_a_worker.iter().chain(&of_a_reader).map(Vec::len).sum();
        assert!(size > 70 * MIB && held_bytes() > before + size, "all of it is written to");
        drop((of_a_worker, of_a_reader));
        allocator::give_back();
        assert!(held_bytes() > before + size / 4, "nobody else can give back what a worker keeps");
        allocator::set_short(true);
        threads.block_on(threads.spawn(async {})).unwrap();
        assert!(comes_to_hold_less_than(before + size / 8), "{}", held_bytes() / MIB);
    }
}
