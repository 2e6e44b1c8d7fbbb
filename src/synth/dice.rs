//! Seeded draws. Everything about a person or an employer follows from the
//! seed and an index, in whole numbers, so the bytes are the same on any
//! machine and at any time.

use rand::Rng;
use rand_pcg::Pcg64Mcg;

/// Mixes the parts of an address into one number (SplitMix64's finaliser).
pub(super) fn mix(seed: u64, topic: u64, index: u64) -> u64 {
    let mut state = seed
        .wrapping_add(topic.wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .wrapping_add(index.wrapping_mul(0xD1B5_4A32_D192_ED03));
    for _ in 0..2 {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        state ^= state >> 31;
    }
    state
}

/// A number from an address, smaller than `bound`.
pub(super) fn mixed_below(seed: u64, topic: u64, index: u64, bound: u64) -> u64 {
    mix(seed, topic, index) % bound.max(1)
}

/// Turns 0, 1, 2 … into scattered numbers below `modulus`, none twice as long
/// as the modulus is a power of ten (the factor shares no divisor with ten).
pub(super) fn scatter(number: u64, modulus: u64) -> u64 {
    let factor: u128 = 618_033_988_749;
    let scattered = (u128::from(number) * factor + 271_828_183) % u128::from(modulus);
    u64::try_from(scattered).unwrap_or(0)
}

/// A stream of draws for one person or employer.
pub(super) struct Dice(Pcg64Mcg);

impl Dice {
    /// The stream of an address.
    pub(super) fn new(seed: u64, topic: u64, index: u64) -> Self {
        let high = u128::from(mix(seed, topic, index));
        let low = u128::from(mix(seed ^ 0x5EED, topic, index));
        Dice(Pcg64Mcg::new((high << 64) | low))
    }

    /// A number smaller than `bound`, zero for bounds below one.
    pub(super) fn below(&mut self, bound: i32) -> i32 {
        let bound = u64::try_from(bound).unwrap_or(0);
        let drawn = (u64::from(self.0.next_u32()) * bound) >> 32;
        i32::try_from(drawn).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i32, high: i32) -> i32 {
        low + self.below(high - low + 1)
    }

    /// True `per_myriad` times in ten thousand.
    pub(super) fn chance(&mut self, per_myriad: i32) -> bool {
        self.below(10_000) < per_myriad
    }

    /// One of the choices; they must not be empty.
    pub(super) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        let index = self.below(i32::try_from(choices.len()).unwrap_or(1));
        choices[usize::try_from(index).unwrap_or(0)]
    }

    /// Place of the first running total above a draw from the last total.
    pub(super) fn weighted(&mut self, running_totals: &[i32]) -> usize {
        let drawn = self.below(running_totals.last().copied().unwrap_or(0));
        running_totals.partition_point(|&total| total <= drawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scattered_numbers_do_not_meet() {
        let mut seen: Vec<u64> = (0..100_000).map(|number| scatter(number, 100_000)).collect();
        seen.sort_unstable();
        assert!(seen.iter().copied().eq(0..100_000));
    }
}
