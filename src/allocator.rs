//! How long the allocator keeps memory that was freed before it gives it back to
//! the system.

use std::time::Duration;

/// Where there is memory enough: the next batch wants it, and clearing it anew
/// took a tenth of the time.
pub const LONG: Duration = Duration::from_secs(1);
/// Where there is little: what is kept counts as held.
pub const SHORT: Duration = Duration::from_millis(10);

/// Keeps freed memory for so long from now on.
pub fn keep_freed(time: Duration) {
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    let milliseconds = std::ffi::c_long::try_from(time.as_millis()).unwrap_or(0);
    #[expect(unsafe_code, reason = "the allocator's C interface; measured to be worth it")]
    // SAFETY: sets one number of the allocator, which any thread may do at any time.
    unsafe {
        libmimalloc_sys::mi_option_set(PURGE_DELAY, milliseconds);
    }
}

/// Gives back what is freed and kept.
pub fn give_back() {
    #[expect(unsafe_code, reason = "the allocator's C interface")]
    // SAFETY: frees nothing that is in use, and any thread may call it.
    unsafe {
        libmimalloc_sys::mi_collect(true);
    }
}
