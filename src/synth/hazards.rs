//! What can be planted or left out by name. Every person and employer has draws
//! of its own, so a hazard switched on or off leaves those whom it cannot touch
//! as they were.

use std::fmt;
use std::str::FromStr;

use super::dice::Dice;

/// Something in real deliveries that a naive reading gets wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hazard {
    /// Children born within the years.
    Births,
    /// People who lived elsewhere first and arrive, before or within the years.
    Immigrants,
    /// People who leave and come back, before or within the years.
    Returners,
    /// Entered into and removed from the register by the municipality, without
    /// a notice of the person.
    AdministrativeMovements,
    /// Away between two reference days and back before the second.
    BriefAbsences,
    /// Movements and deaths on the reference day itself.
    OnTheDay,
    /// Part of a month's pay taken back by a record of its own.
    NegativeCorrections,
    /// All pay of some months taken back by records of their own.
    PayTakenBack,
    /// Wage and hours written as nines.
    Nines,
    /// Months without hours and pay, October for some who are on call.
    UnpaidMonths,
    /// Interns, and benefits that the payroll holds as income relations.
    ExcludedJobs,
    /// Directors whose income relation says employee, and the other way round.
    Directors,
    /// Pupils and students with a job.
    WorkingStudents,
    /// The self-employed with a job, of few hours or of many.
    SelfEmployedWithJobs,
    /// Employees and directors by their income, without a job in the payroll.
    UnclearWork,
    /// Employers that get another activity code in a later year.
    RecodedEmployers,
    /// Another employer under the same job id.
    EmployerChangesWithinJobs,
    /// Employers left blank, or written as zeros.
    MissingEmployers,
    /// Activity codes that lost their leading zero.
    LostZeros,
    /// Codes that no list knows.
    UnknownCodes,
    /// Employers that go on with their staff under another number.
    Relabels,
    /// Employers that take another number and the old one again.
    ThereAndBack,
    /// Two employers that go on as one.
    Mergers,
    /// Employers taken over by one that was there.
    Takeovers,
    /// Employers of whom a part goes on under a number of its own.
    Demergers,
    /// Employers that go on as several.
    BreakUps,
    /// Numbers that follow each other in steps, within a year and over several.
    IdChains,
    /// Staff who leave for the same employer in the same weeks by chance.
    ChanceClusters,
    /// Staff who go along, just at or below what makes a succession.
    NearThresholds,
    /// Staff who come from an agency, or are put on the books of a payroll firm.
    PersonnelSupply,
    /// Employers whose number with a letter becomes one of digits.
    LetterNumbers,
    /// Registers that say what makes no succession.
    IdleStatements,
    /// Households of several, asked together and alike in trade.
    Households,
    /// Who changes employer or is young answers again less often.
    SelectiveAttrition,
    /// Occupations that the coder draws anew a year later.
    CodingNoise,
    /// Agency workers who answer the firm that they work at.
    AgencyAnswers,
    /// Activity codes of answers that lost a character.
    ShortAnswers,
    /// Work as an employee that the payroll does not know.
    WorkWithoutJob,
    /// Interviews of January filed under December, and fifth interviews in the
    /// year of the first.
    NewYearInterviews,
    /// First interviews without a weight, or with zero.
    MissingWeights,
    /// Sectors with 39, 40 and 41 percent of technical functions, exactly.
    NearTechnicalShare,
    /// An education that the file of one year alone holds.
    EducationInOneYear,
    /// An education that is lower in a later year.
    FallingEducation,
    /// An education of a child, of someone unborn, dead or away.
    EducationOfNobody,
    /// Two records of education in one year.
    TwoEducations,
    /// Levels or fields of education that no list knows.
    UnknownEducationCodes,
    /// Jobs that end more often with a short tenure or a temporary contract, at
    /// whatever wage.
    UnequalExits,
    /// Original starts of jobs that are cut, missing, or after the row.
    CutStarts,
    /// Hours of nought, and of a multiple of what was worked.
    OddHours,
    /// Wages per hour that are the same for many.
    WageTies,
    /// Size classes of employers left blank, or that change.
    SizeClasses,
}

/// Every hazard with its name on the command line.
const ALL: [(Hazard, &str); 51] = [
    (Hazard::Births, "births"),
    (Hazard::Immigrants, "immigrants"),
    (Hazard::Returners, "returners"),
    (Hazard::AdministrativeMovements, "administrative_movements"),
    (Hazard::BriefAbsences, "brief_absences"),
    (Hazard::OnTheDay, "on_the_day"),
    (Hazard::NegativeCorrections, "negative_corrections"),
    (Hazard::PayTakenBack, "pay_taken_back"),
    (Hazard::Nines, "nines"),
    (Hazard::UnpaidMonths, "unpaid_months"),
    (Hazard::ExcludedJobs, "excluded_jobs"),
    (Hazard::Directors, "directors"),
    (Hazard::WorkingStudents, "working_students"),
    (Hazard::SelfEmployedWithJobs, "self_employed_with_jobs"),
    (Hazard::UnclearWork, "unclear_work"),
    (Hazard::RecodedEmployers, "recoded_employers"),
    (Hazard::EmployerChangesWithinJobs, "employer_changes_within_jobs"),
    (Hazard::MissingEmployers, "missing_employers"),
    (Hazard::LostZeros, "lost_zeros"),
    (Hazard::UnknownCodes, "unknown_codes"),
    (Hazard::Relabels, "relabels"),
    (Hazard::ThereAndBack, "there_and_back"),
    (Hazard::Mergers, "mergers"),
    (Hazard::Takeovers, "takeovers"),
    (Hazard::Demergers, "demergers"),
    (Hazard::BreakUps, "break_ups"),
    (Hazard::IdChains, "id_chains"),
    (Hazard::ChanceClusters, "chance_clusters"),
    (Hazard::NearThresholds, "near_thresholds"),
    (Hazard::PersonnelSupply, "personnel_supply"),
    (Hazard::LetterNumbers, "letter_numbers"),
    (Hazard::IdleStatements, "idle_statements"),
    (Hazard::Households, "households"),
    (Hazard::SelectiveAttrition, "selective_attrition"),
    (Hazard::CodingNoise, "coding_noise"),
    (Hazard::AgencyAnswers, "agency_answers"),
    (Hazard::ShortAnswers, "short_answers"),
    (Hazard::WorkWithoutJob, "work_without_job"),
    (Hazard::NewYearInterviews, "new_year_interviews"),
    (Hazard::MissingWeights, "missing_weights"),
    (Hazard::NearTechnicalShare, "near_technical_share"),
    (Hazard::EducationInOneYear, "education_in_one_year"),
    (Hazard::FallingEducation, "falling_education"),
    (Hazard::EducationOfNobody, "education_of_nobody"),
    (Hazard::TwoEducations, "two_educations"),
    (Hazard::UnknownEducationCodes, "unknown_education_codes"),
    (Hazard::UnequalExits, "unequal_exits"),
    (Hazard::CutStarts, "cut_starts"),
    (Hazard::OddHours, "odd_hours"),
    (Hazard::WageTies, "wage_ties"),
    (Hazard::SizeClasses, "size_classes"),
];

/// A set of hazards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hazards(u64);

impl Hazards {
    /// No hazard.
    pub const NONE: Hazards = Hazards(0);
    /// Every hazard.
    pub const ALL: Hazards = Hazards((1 << ALL.len()) - 1);

    /// Whether the set holds the hazard.
    pub fn has(self, hazard: Hazard) -> bool {
        self.0 & (1 << hazard as u64) != 0
    }

    /// A stream of draws of a hazard for one person.
    pub(super) fn dice(seed: u64, hazard: Hazard, index: u64) -> Dice {
        Dice::new(seed, 100 + hazard as u64, index)
    }

    /// The hazards of the set, by name.
    pub(super) fn named(self) -> impl Iterator<Item = (Hazard, &'static str)> {
        ALL.into_iter().filter(move |&(hazard, _)| self.has(hazard))
    }

    /// Every name that a set can be written with.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ALL.iter().map(|&(_, name)| name)
    }
}

impl FromStr for Hazards {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => return Ok(Hazards::ALL),
            "none" => return Ok(Hazards::NONE),
            _ => {}
        }
        let mut hazards = Hazards::NONE;
        for name in text.split(',') {
            let known = ALL.iter().find(|(_, known)| *known == name);
            let (hazard, _) = known.ok_or_else(|| {
                let names: Vec<&str> = Hazards::names().collect();
                format!("`{name}` is no hazard; all, none, or some of {}", names.join(", "))
            })?;
            hazards.0 |= 1 << *hazard as u64;
        }
        Ok(hazards)
    }
}

impl fmt::Display for Hazards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Hazards::ALL => f.write_str("all"),
            Hazards::NONE => f.write_str("none"),
            some => {
                let names = ALL.iter().filter(|(hazard, _)| some.has(*hazard));
                let names: Vec<&str> = names.map(|&(_, name)| name).collect();
                f.write_str(&names.join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_read_as_it_is_written() {
        for (place, (hazard, name)) in ALL.iter().enumerate() {
            assert_eq!(*hazard as usize, place);
            let alone: Hazards = name.parse().unwrap();
            assert!(ALL.iter().all(|(other, _)| alone.has(*other) == (other == hazard)));
        }
        for text in ["all", "none", "births,returners"] {
            assert_eq!(text.parse::<Hazards>().unwrap().to_string(), text);
        }
        assert!("births, returners".parse::<Hazards>().is_err());
        assert!("".parse::<Hazards>().is_err());
    }
}
