//! Employers that go on under another number, and what looks like it: scenes
//! with a written staff, at firms where nobody else works. The persons after
//! the cast play them, so that every count of a scene is as written.

mod scenes;
mod statements;

use super::PERSONS_OF_SCENES;
use super::calendar::{Day, Window, reference_day};
use super::cast;
use super::dice::Dice;
use super::employer::World;
use super::hazards::Hazards;
use super::job::{Wanted, draw_job, push};
use super::pay::{PayQuirk, PayScript};
use super::person::Person;
use super::secm;
use super::sectors::draw_trade_within;
use scenes::{Firm, Leg, SCENES, Scene};
pub(super) use statements::write;

/// How often each scene is played at most.
const MOST_SETS: u64 = 3;

/// One scene in one pair of years.
struct Staging {
    scene: &'static Scene,
    /// Place of its first firm among the firms of all scenes.
    first_firm: u64,
    /// Year of the first reference day.
    from_year: i32,
    /// Days after that reference day on which staff move.
    delay: Delay,
}

/// When within a pair of years something happens.
#[derive(Debug, Clone, Copy)]
enum Delay {
    /// So many days after the first reference day.
    Days(i32),
    /// On the second reference day.
    Year,
}

impl Staging {
    /// The day on which staff move from a leg to the next.
    fn change(&self, leg: usize) -> Day {
        let year = self.from_year + i32::try_from(leg).unwrap_or(0);
        match self.delay {
            Delay::Days(days) => reference_day(year) + days,
            Delay::Year => reference_day(year + 1),
        }
    }
}

/// A firm of a scene.
pub(super) struct SceneFirm {
    /// SBI 2008 in five digits.
    pub(super) sbi: i32,
    /// Letter in place of the first digit of a number that BETAB does not hold.
    pub(super) letter: Option<u8>,
}

/// What one person plays.
#[derive(Debug, Clone, Copy)]
struct Part {
    staging: usize,
    group: usize,
}

/// Every scene that is played.
pub(super) struct Successions {
    stagings: Vec<Staging>,
    firms: Vec<SceneFirm>,
    parts: Vec<Part>,
}

impl Successions {
    /// The scenes of a world of so many persons.
    pub(super) fn new(persons: u64, window: &Window, hazards: Hazards) -> Self {
        let mut all = Successions { stagings: Vec::new(), firms: Vec::new(), parts: Vec::new() };
        let pairs = u64::try_from(window.last_year - window.first_year).unwrap_or(0).max(1);
        for set in 0..MOST_SETS.min(persons / PERSONS_OF_SCENES) {
            for scene in SCENES.iter().filter(|scene| hazards.has(scene.hazard)) {
                let shift = if scene.is_long() { 0 } else { set % pairs };
                let delay = match set {
                    0 => Delay::Days(151),
                    1 => Delay::Year,
                    _ => Delay::Days(92),
                };
                all.stage(scene, window.first_year + i32::try_from(shift).unwrap_or(0), delay);
            }
        }
        all
    }

    fn stage(&mut self, scene: &'static Scene, from_year: i32, delay: Delay) {
        let first_firm = self.firms.len() as u64;
        let staging = self.stagings.len();
        self.stagings.push(Staging { scene, first_firm, from_year, delay });
        self.firms.extend(scene.firms.iter().map(|firm| match *firm {
            Firm::Sbi(sbi) => SceneFirm { sbi, letter: None },
            Firm::Unlisted(letter) => SceneFirm { sbi: 25_110, letter: Some(letter) },
        }));
        for (group, it) in scene.groups.iter().enumerate() {
            self.parts.extend((0..it.persons).map(|_| Part { staging, group }));
        }
    }

    /// The firms, in the order of their indices.
    pub(super) fn firms(&self) -> &[SceneFirm] {
        &self.firms
    }

    /// Hazards of a set whose scenes nobody plays, because there are too few persons.
    pub(super) fn unplayed(&self, hazards: Hazards) -> Vec<&'static str> {
        let has_scene = |hazard| SCENES.iter().any(|scene| scene.hazard == hazard);
        let is_unplayed =
            |hazard| has_scene(hazard) && self.stagings.iter().all(|it| it.scene.hazard != hazard);
        hazards.named().filter(|it| is_unplayed(it.0)).map(|(_, name)| name).collect()
    }

    fn part(&self, person: u64) -> Option<Part> {
        let place = usize::try_from(person.checked_sub(cast::SIZE)?).ok()?;
        self.parts.get(place).copied()
    }

    /// Whether the person of an index plays in a scene.
    pub(super) fn has(&self, person: u64) -> bool {
        self.part(person).is_some()
    }

    /// Whether the person goes from one employer to another in a pair of years
    /// because the one goes on as the other.
    pub(super) fn is_succession(&self, person: u64) -> bool {
        let group = self.part(person).map(|it| &self.stagings[it.staging].scene.groups[it.group]);
        group.is_some_and(|group| group.goes_along)
    }
}

/// Youngest and oldest age of who plays in a scene.
const AGES: (i32, i32) = (23, 57);

/// Writes the working life of a person who plays in a scene.
pub(super) fn play(world: &World, dice: &mut Dice, person: &mut Person) {
    let Some(part) = world.successions.part(person.index) else { return };
    let staging = &world.successions.stagings[part.staging];
    let legs = staging.scene.groups[part.group].legs;
    let age = dice.between(AGES.0, AGES.1);
    person.birth_year = world.window.first_year - age - i32::from(person.birth_month >= 10);
    person.known_birth_year = person.known_birth_year.map(|_| person.birth_year);
    person.background.push((world.window.first, secm::NO_INCOME));
    let mut start = world.window.first - dice.between(100, 4_000);
    for (place, leg) in legs.iter().enumerate() {
        let is_last = place + 1 == legs.len();
        let end = if is_last { world.window.last } else { staging.change(place) - 1 };
        let is_same = legs.get(place + 1) == Some(leg);
        if is_same && !is_last {
            continue;
        }
        work(world, dice, person, staging, *leg, (start, end.min(world.window.last)));
        start = end + 1;
    }
}

fn work(
    world: &World,
    dice: &mut Dice,
    person: &mut Person,
    staging: &Staging,
    leg: Leg,
    (start, end): (Day, Day),
) {
    let employer = match leg {
        Leg::At(firm) => Some(world.scene_employer(staging.first_firm + firm)),
        Leg::Elsewhere => None,
        Leg::Out => {
            person.background.push((start, secm::UNEMPLOYED));
            return;
        }
    };
    let (sector, trade) = match employer.map(|index| world.employer(index)) {
        Some(firm) => (firm.sector, draw_trade_within(dice, firm.sector())),
        None => (world.odds.draw_sector(dice, person.trade), person.trade),
    };
    let wanted = Wanted { trade, sector: Some(sector), employer, small: false };
    let mut job = draw_job(world, dice, person, wanted, start, end);
    (job.kind, job.relation) = (b'9', *b"15");
    job.pay_script = PayScript::Written(PayQuirk::None, 1, 12);
    push(person, job);
}
