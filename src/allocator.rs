//! How long the allocator keeps memory that was freed before it gives it back to
//! the system. It keeps pages for the thread that asked for them, and what other
//! threads free on those only that thread can give back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Where there is memory enough: the next batch wants it, and clearing it anew
/// took a tenth of the time.
const LONG: Duration = Duration::from_secs(1);
/// Where there is little: what is kept counts as held.
const SHORT: Duration = Duration::from_millis(10);

static IS_SHORT: AtomicBool = AtomicBool::new(false);

/// From now on memory is short, or there is enough.
pub fn set_short(is_short: bool) {
    IS_SHORT.store(is_short, Ordering::Relaxed);
    keep_freed(if is_short { SHORT } else { LONG });
}

/// What a thread does before it rests: where memory is short it keeps none.
pub fn rest() {
    if IS_SHORT.load(Ordering::Relaxed) {
        give_back();
    }
}

/// Keeps freed memory for so long from now on.
fn keep_freed(time: Duration) {
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    let milliseconds = std::ffi::c_long::try_from(time.as_millis()).unwrap_or(0);
    #[expect(unsafe_code, reason = "the allocator's C interface; measured to be worth it")]
    // SAFETY: sets one number of the allocator, which any thread may do at any time.
    unsafe {
        libmimalloc_sys::mi_option_set(PURGE_DELAY, milliseconds);
    }
}

/// Gives back what is freed and kept, but for what is kept for other threads.
pub fn give_back() {
    #[expect(unsafe_code, reason = "the allocator's C interface")]
    // SAFETY: frees nothing that is in use, and any thread may call it.
    unsafe {
        libmimalloc_sys::mi_collect(true);
    }
}
