//! The scenes: firms, who moves from where to where, and what the registers of
//! employers say of it.

use crate::synth::hazards::Hazard;

/// What happens to a few firms over one pair of years or more.
pub(super) struct Scene {
    pub(super) hazard: Hazard,
    pub(super) firms: &'static [Firm],
    pub(super) groups: &'static [Group],
    pub(super) says: &'static [Says],
}

impl Scene {
    /// Whether it takes more than one pair of years.
    pub(super) fn is_long(&self) -> bool {
        self.groups.iter().any(|group| group.legs.len() > 2)
    }
}

/// A firm by what BETAB says of it.
pub(super) enum Firm {
    /// SBI 2008 in five digits.
    Sbi(i32),
    /// Not there: its number begins with a letter.
    Unlisted(u8),
}

/// Persons who have the same way.
pub(super) struct Group {
    pub(super) persons: u64,
    /// Where they work before the first change and after each.
    pub(super) legs: &'static [Leg],
    /// Whether they move because their employer goes on elsewhere.
    pub(super) goes_along: bool,
}

/// Where someone works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leg {
    /// At a firm of the scene.
    At(u64),
    /// At an ordinary employer, drawn for each person.
    Elsewhere,
    /// Nowhere.
    Out,
}

/// What a register of employers says.
pub(super) struct Says {
    pub(super) what: What,
    pub(super) when: When,
    pub(super) donors: &'static [Named],
    pub(super) receivers: &'static [Named],
}

/// In which register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// BDK: one number follows another.
    Link,
    /// ABR: an event of a type.
    Event(u8),
}

/// On which day.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    /// So many days after the change of the first pair.
    Change(i32),
    /// On the day of the change of a later pair.
    Later(usize),
    /// On the first reference day, which is not within the pair.
    FirstReferenceDay,
    /// Long before the years asked for.
    LongBefore,
}

/// Of whom.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named {
    /// Of a firm of the scene.
    Firm(u64),
    /// Of a number that no one has.
    Nobody,
}

const METAL: Firm = Firm::Sbi(25_110);
const MACHINES: Firm = Firm::Sbi(28_220);
const TRADE: Firm = Firm::Sbi(46_690);
const SHOP: Firm = Firm::Sbi(47_540);
const CARE: Firm = Firm::Sbi(87_100);
const AGENCY: Firm = Firm::Sbi(78_201);
const PAYROLL: Firm = Firm::Sbi(78_300);
const A: Leg = Leg::At(0);
const B: Leg = Leg::At(1);
const C: Leg = Leg::At(2);
const ELSEWHERE: Leg = Leg::Elsewhere;
const OUT: Leg = Leg::Out;

/// Staff who go along with their employer.
const fn along(persons: u64, legs: &'static [Leg]) -> Group {
    Group { persons, legs, goes_along: true }
}

/// Staff who stay, or go for reasons of their own.
const fn own(persons: u64, legs: &'static [Leg]) -> Group {
    Group { persons, legs, goes_along: false }
}

const fn link(when: When, donor: &'static [Named], receiver: &'static [Named]) -> Says {
    Says { what: What::Link, when, donors: donor, receivers: receiver }
}

const fn event(kind: u8, donors: &'static [Named], receivers: &'static [Named]) -> Says {
    Says { what: What::Event(kind), when: When::Change(0), donors, receivers }
}

const A_: &[Named] = &[Named::Firm(0)];
const B_: &[Named] = &[Named::Firm(1)];
const C_: &[Named] = &[Named::Firm(2)];
const D_: &[Named] = &[Named::Firm(3)];
const E_: &[Named] = &[Named::Firm(4)];
const F_: &[Named] = &[Named::Firm(5)];
const AB: &[Named] = &[Named::Firm(0), Named::Firm(1)];
const BC: &[Named] = &[Named::Firm(1), Named::Firm(2)];
const NOBODY: &[Named] = &[Named::Nobody];

/// Six of twelve go from A to B, where five work: by itself no succession.
const SOME_GO: &[Group] = &[own(6, &[A, B]), own(6, &[A, A]), own(5, &[B, B])];
/// The same, because it is said somewhere that A goes on as B.
const SOME_GO_ALONG: &[Group] = &[along(6, &[A, B]), own(6, &[A, A]), own(5, &[B, B])];

/// Every scene.
pub(super) const SCENES: [Scene; 35] = [
    // Nearly all go, and hardly anybody else is there.
    scene(Hazard::Relabels, &[METAL, METAL], &[along(11, &[A, B]), own(1, &[A, ELSEWHERE])], &[]),
    scene(Hazard::Relabels, &[METAL, TRADE], &[along(8, &[A, B]), own(1, &[A, OUT])], &[]),
    // There and back; one goes back before the others, as to another employer.
    scene(
        Hazard::ThereAndBack,
        &[MACHINES, MACHINES],
        &[along(9, &[A, B, B, A]), own(2, &[A, B, A, A]), own(1, &[ELSEWHERE, B, A, A])],
        &[],
    ),
    scene(
        Hazard::Mergers,
        &[SHOP, SHOP, SHOP],
        &[along(8, &[A, C]), along(6, &[B, C]), own(5, &[A, A]), own(4, &[B, ELSEWHERE])],
        &[event(6, AB, C_)],
    ),
    scene(
        Hazard::Mergers,
        &[SHOP, SHOP, SHOP],
        &[along(9, &[A, C]), along(7, &[B, C]), own(1, &[B, OUT])],
        &[],
    ),
    // A firm of five is taken over by one ten times as large.
    scene(Hazard::Takeovers, &[METAL, METAL], &[along(5, &[A, B]), own(50, &[B, B])], &[]),
    scene(
        Hazard::Takeovers,
        &[TRADE, METAL],
        &[along(5, &[A, B]), own(5, &[A, A]), own(6, &[B, B])],
        &[event(7, A_, B_)],
    ),
    scene(
        Hazard::Demergers,
        &[CARE, CARE, CARE],
        &[along(6, &[A, B]), along(5, &[A, C]), own(9, &[A, A]), own(1, &[A, OUT])],
        &[],
    ),
    scene(
        Hazard::Demergers,
        &[CARE, CARE, CARE],
        &[along(4, &[A, B]), along(3, &[A, C]), own(8, &[A, A]), own(6, &[A, ELSEWHERE])],
        &[event(9, A_, BC)],
    ),
    scene(
        Hazard::BreakUps,
        &[METAL, METAL, TRADE],
        &[along(7, &[A, B]), along(6, &[A, C])],
        &[event(10, A_, BC)],
    ),
    scene(Hazard::BreakUps, &[METAL, METAL, TRADE], &[along(7, &[A, B]), along(6, &[A, C])], &[]),
    // One number after another within the pair, up to four steps.
    scene(
        Hazard::IdChains,
        &[METAL, METAL, METAL],
        SOME_GO_ALONG,
        &[link(When::Change(-20), A_, C_), link(When::Change(0), C_, B_)],
    ),
    scene(
        Hazard::IdChains,
        &[METAL, METAL, METAL, METAL, METAL],
        SOME_GO_ALONG,
        &[
            link(When::Change(-60), A_, C_),
            link(When::Change(-40), C_, D_),
            link(When::Change(-40), D_, E_),
            link(When::Change(0), E_, B_),
        ],
    ),
    scene(
        Hazard::IdChains,
        &[METAL, METAL, METAL, METAL, METAL, METAL],
        SOME_GO,
        &[
            link(When::Change(-80), A_, C_),
            link(When::Change(-60), C_, D_),
            link(When::Change(-40), D_, E_),
            link(When::Change(-20), E_, F_),
            link(When::Change(0), F_, B_),
        ],
    ),
    // The second step was taken before the first.
    scene(
        Hazard::IdChains,
        &[METAL, METAL, METAL],
        SOME_GO,
        &[link(When::Change(0), A_, C_), link(When::Change(-20), C_, B_)],
    ),
    // Over several years each step is a link of its own pair.
    scene(
        Hazard::IdChains,
        &[SHOP, SHOP, SHOP],
        &[
            along(6, &[A, B, C]),
            own(6, &[A, A, A]),
            own(3, &[A, C, C]),
            own(6, &[B, B, B]),
            own(6, &[C, C, C]),
        ],
        &[link(When::Change(0), A_, B_), link(When::Later(1), B_, C_)],
    ),
    scene(
        Hazard::ChanceClusters,
        &[TRADE, TRADE],
        &[own(6, &[A, B]), own(4, &[A, ELSEWHERE]), own(8, &[A, A]), own(9, &[B, B])],
        &[],
    ),
    // A new firm has its staff from one that loses as many to others.
    scene(
        Hazard::ChanceClusters,
        &[TRADE, TRADE],
        &[own(6, &[A, B]), own(4, &[A, ELSEWHERE]), own(8, &[A, A])],
        &[],
    ),
    // 19 of 24 are 79 %, and 28 of 35 are 80 %, though 28 times a 35th is less.
    scene(
        Hazard::NearThresholds,
        &[METAL, METAL],
        &[along(19, &[A, B]), own(5, &[A, A]), own(6, &[B, B])],
        &[],
    ),
    scene(
        Hazard::NearThresholds,
        &[METAL, METAL],
        &[along(28, &[A, B]), own(7, &[A, A]), own(8, &[B, B])],
        &[],
    ),
    // Of the receiver, 19 of 24 and 20 of 25; of the donor all.
    scene(
        Hazard::NearThresholds,
        &[METAL, METAL],
        &[along(19, &[A, B]), own(5, &[ELSEWHERE, B])],
        &[],
    ),
    scene(
        Hazard::NearThresholds,
        &[METAL, METAL],
        &[along(20, &[A, B]), own(5, &[ELSEWHERE, B])],
        &[],
    ),
    // 5 and 35 of 50 who left are 80 %; as .1 and .7 they add up to less.
    scene(
        Hazard::NearThresholds,
        &[METAL, METAL, METAL],
        &[along(5, &[A, B]), along(35, &[A, C]), own(10, &[A, ELSEWHERE]), own(3, &[A, A])],
        &[],
    ),
    // Four movers and five.
    scene(Hazard::NearThresholds, &[SHOP, SHOP], &[along(4, &[A, B]), own(1, &[A, A])], &[]),
    scene(Hazard::NearThresholds, &[SHOP, SHOP], &[along(5, &[A, B]), own(1, &[A, A])], &[]),
    // Into and out of an agency, and onto the books of a payroll firm.
    scene(
        Hazard::PersonnelSupply,
        &[AGENCY, METAL],
        &[own(9, &[A, B]), own(1, &[A, ELSEWHERE]), own(6, &[ELSEWHERE, A])],
        &[],
    ),
    scene(Hazard::PersonnelSupply, &[METAL, PAYROLL], &[along(8, &[A, B])], &[]),
    scene(Hazard::PersonnelSupply, &[AGENCY, AGENCY], &[along(6, &[A, B])], &[event(7, A_, B_)]),
    scene(
        Hazard::LetterNumbers,
        &[Firm::Unlisted(b'F'), METAL],
        &[along(8, &[A, B]), own(1, &[A, ELSEWHERE])],
        &[],
    ),
    // What is said makes no link: the other way round, of a cycle, of nobody
    // and of itself, of another day, of a kind that says nothing.
    scene(
        Hazard::IdleStatements,
        &[METAL, METAL],
        SOME_GO,
        &[link(When::Change(0), B_, A_), event(7, B_, A_)],
    ),
    scene(
        Hazard::IdleStatements,
        &[METAL, METAL],
        SOME_GO,
        &[link(When::Change(-20), A_, B_), link(When::Change(0), B_, A_)],
    ),
    scene(
        Hazard::IdleStatements,
        &[METAL, METAL],
        SOME_GO,
        &[
            link(When::Change(-20), A_, NOBODY),
            link(When::Change(0), NOBODY, B_),
            link(When::Change(0), A_, A_),
            event(8, A_, A_),
            event(6, A_, NOBODY),
            event(9, A_, &[]),
        ],
    ),
    scene(
        Hazard::IdleStatements,
        &[METAL, METAL],
        SOME_GO,
        &[
            link(When::FirstReferenceDay, A_, B_),
            link(When::Later(1), A_, B_),
            link(When::LongBefore, A_, B_),
        ],
    ),
    scene(
        Hazard::IdleStatements,
        &[METAL, METAL],
        &[own(6, &[A, A, B]), own(6, &[A, A, A]), own(5, &[B, B, B])],
        &[link(When::Change(0), A_, B_)],
    ),
    scene(
        Hazard::IdleStatements,
        &[METAL, METAL],
        SOME_GO,
        &[event(13, A_, B_), event(4, A_, B_), event(5, A_, B_)],
    ),
];

const fn scene(
    hazard: Hazard,
    firms: &'static [Firm],
    groups: &'static [Group],
    says: &'static [Says],
) -> Scene {
    Scene { hazard, firms, groups, says }
}
