//! Households: who lives with whom, is asked together and resembles each other.

use super::cast;
use super::dice::{Dice, mix, mixed_below};
use super::employer::World;
use super::hazards::Hazard;
use super::sectors::Trade;

const SIZES_TOPIC: u64 = 40;
const ASKED_TOPIC: u64 = 41;
const TRADE_TOPIC: u64 = 42;
const ALIKE_TOPIC: u64 = 43;

/// Persons of one round of households, in some order of one to four.
const ROUND: u64 = 10;
/// Of ten members so many have the trade of the household.
const ALIKE_OF_TEN: u64 = 6;

/// The place of a person in a household.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Household {
    /// Index of the first of its persons.
    pub(super) head: u64,
    /// Which of its persons this is, from one.
    pub(super) member: u64,
}

impl Household {
    /// The household of a person; scripted ones live alone.
    pub(super) fn of(world: &World, person: u64) -> Self {
        if !is_shared(world, person) {
            return Household { head: person, member: 1 };
        }
        let round = person / ROUND;
        let first_size = mix(world.seed, SIZES_TOPIC, round) % 4;
        let mut head = round * ROUND;
        for step in 0..4 {
            let size = 1 + (first_size + step) % 4;
            if person < head + size {
                break;
            }
            head += size;
        }
        Household { head, member: person - head + 1 }
    }

    /// The number in the survey key, of nine digits.
    pub(super) fn number(self) -> u64 {
        super::dice::scatter(self.head + 77_777_777, 1_000_000_000)
    }

    /// The draws that all members share: whether and when they are asked.
    pub(super) fn dice(self, world: &World) -> Dice {
        Dice::new(world.seed, ASKED_TOPIC, self.head)
    }

    /// How likely it is asked, in percent of the average.
    pub(super) fn percent(self, world: &World) -> i32 {
        85 + i32::try_from(mixed_below(world.seed, ASKED_TOPIC, self.head, 31)).unwrap_or(0)
    }
}

/// Whether the person may live with others.
pub(super) fn is_shared(world: &World, person: u64) -> bool {
    let is_written = person < cast::SIZE || world.successions.has(person);
    world.has_of_many(Hazard::Households) && !is_written
}

/// The trade of a person: its own, or that of the household.
pub(super) fn trade(world: &World, person: u64, own: Trade) -> Trade {
    let is_alike = mixed_below(world.seed, ALIKE_TOPIC, person, 10) < ALIKE_OF_TEN;
    if !is_shared(world, person) || !is_alike {
        return own;
    }
    let head = Household::of(world, person).head;
    world.odds.draw_trade(&mut Dice::new(world.seed, TRADE_TOPIC, head))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::synth::calendar::Window;
    use crate::synth::hazards::Hazards;

    const PERSONS: u64 = 12_000;

    /// How many of a hundred neighbours are of one trade: members of a household,
    /// or strangers where there are none.
    fn alike(hazards: Hazards) -> u64 {
        let world = World::new(3, PERSONS, Window::new(2016, 2017), hazards);
        let (mut pairs, mut same) = (0, 0);
        for person in 5_001..PERSONS {
            let draw =
                |index| trade(&world, index, world.odds.draw_trade(&mut Dice::new(3, 9, index)));
            let shares = |index| Household::of(&world, index).head;
            if hazards == Hazards::NONE || shares(person) == shares(person - 1) {
                pairs += 1;
                same += u64::from(draw(person) == draw(person - 1));
            }
        }
        100 * same / pairs
    }

    #[test]
    fn everybody_lives_in_one_household_of_one_to_four() {
        let world = World::new(3, PERSONS, Window::new(2016, 2017), Hazards::ALL);
        let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
        for person in 5_000..PERSONS {
            let household = Household::of(&world, person);
            assert_eq!(household.head + household.member - 1, person);
            *sizes.entry(household.head).or_default() += 1;
        }
        let of = |size| sizes.values().filter(|own| **own == size).count();
        assert_eq!([1, 2, 3, 4].map(of), [700; 4]);
    }

    #[test]
    fn members_of_a_household_are_more_alike_in_trade_than_strangers() {
        assert!(alike(Hazards::ALL) > alike(Hazards::NONE) + 10);
    }
}
